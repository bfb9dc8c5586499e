"""Baton: course delivery for a sport federation's coach education. The floor plan is in README.md."""
