"""Gathers a person's facts, decides, and keeps waivers, credits and the standing index."""
