"""What people are told, once per key."""
