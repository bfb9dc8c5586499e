"""Faults under load: a real `lms serve`, people who save and submit meanwhile, and what must hold afterwards."""
