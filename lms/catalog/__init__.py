"""Which programs a viewer sees, and who is enrolled in which."""
