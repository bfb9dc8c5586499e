"""Reads that cross rooms: queues, lists, dossiers, results."""
