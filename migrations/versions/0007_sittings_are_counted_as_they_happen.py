"""Numbers of sittings are kept as they change, so that no page counts all of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NUMBERS = ("attempts", "running", "waiting", "passed")
COUNTED = """
INSERT INTO attempt_tally (exam_id, program_id, track, attempts, running, waiting, passed)
SELECT attempt.exam_id, enrollment.program_id, enrollment.track, count(*),
  count(CASE WHEN attempt.status IN ('in_progress', 'overdue') THEN 1 END),
  count(CASE WHEN attempt.status IN ('submitted', 'graded') THEN 1 END),
  count(CASE WHEN score.passed THEN 1 END)
FROM attempt JOIN enrollment ON enrollment.id = attempt.enrollment_id
LEFT OUTER JOIN score ON score.id = (SELECT max(newest.id) FROM score AS newest WHERE newest.attempt_id = attempt.id)
WHERE attempt.form != ''
GROUP BY attempt.exam_id, enrollment.program_id, enrollment.track
"""


def upgrade() -> None:
    op.create_table(
        "attempt_tally",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exam_id", sa.String(), nullable=False),
        sa.Column("program_id", sa.String(), nullable=False),
        sa.Column("track", sa.String(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in NUMBERS),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt_tally")),
    )
    op.execute(COUNTED)


def downgrade() -> None:
    op.drop_table("attempt_tally")
