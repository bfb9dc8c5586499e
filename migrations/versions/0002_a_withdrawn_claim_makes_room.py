"""A claim that was withdrawn no longer counts as undecided, so that the person can claim again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SUBMITTED = sa.text("status = 'submitted'")
WAITING = sa.text("status = 'submitted' AND withdrawn_at IS NULL")


def upgrade() -> None:
    drop_indexes()
    create_indexes(WAITING)


def downgrade() -> None:
    """What was withdrawn undecided is marked as replaced: the older index takes one claim of a kind, withdrawn or not."""
    op.execute("UPDATE claim SET status = 'replaced' WHERE status = 'submitted' AND withdrawn_at IS NOT NULL")
    drop_indexes()
    create_indexes(SUBMITTED)


def drop_indexes() -> None:
    op.drop_index("one_undecided_claim", table_name="claim")
    op.drop_index("claim_queue", table_name="claim")


def create_indexes(where: sa.TextClause) -> None:
    op.create_index("claim_queue", "claim", ["recorded_at", "id"], sqlite_where=where, postgresql_where=where)
    op.create_index(
        "one_undecided_claim",
        "claim",
        ["person_id", "kind", "subject"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )
