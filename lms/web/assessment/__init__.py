"""The door /exams: an exam's rules and start, the sitting, handing in, the result."""
