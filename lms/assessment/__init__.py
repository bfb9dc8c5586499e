"""Exams and quizzes: forms, attempts, the answer journal, scores, outcomes."""
