"""Learning: home, the program as a track, modules and lessons."""
