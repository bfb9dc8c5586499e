"""The door of instructors: the classes they teach, their rosters, and attendance."""
