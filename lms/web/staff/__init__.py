"""The staff's door: queues, claims, results, forms, people, classes."""
