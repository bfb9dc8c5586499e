"""The door of certificates: mine, and anyone's by its code."""
