"""Ground floor: database and unit of work, clock, errors, settings, messages, outbox, audit trail."""
