"""The door of classes: those to book, one of them, my seat in it, and its calendar."""
