"""Lessons read and checks answered."""
