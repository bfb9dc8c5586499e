"""A claim can be decided again, its answer keeps its place in the queue, and earlier names of people are kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
WAITING = sa.text("status = 'submitted' AND withdrawn_at IS NULL")


def upgrade() -> None:
    drop_indexes()
    add_column("claim", sa.Column("waiting_since", MOMENT, nullable=True), "recorded_at")
    create_indexes("waiting_since")
    add_column("claim_decision", sa.Column("number", sa.Integer(), nullable=True), "1")
    op.drop_index("ix_claim_decision_claim_id", table_name="claim_decision")
    op.create_index("decision_of_claim", "claim_decision", ["claim_id", "number"], unique=True)
    op.create_table(
        "person_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("until_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_name_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_name")),
    )
    op.create_index("ix_person_name_person_id", "person_name", ["person_id"])


def downgrade() -> None:
    """Earlier names go, and of several decisions on a claim all but the newest."""
    op.drop_table("person_name")
    op.execute(
        "DELETE FROM claim_decision WHERE EXISTS (SELECT 1 FROM claim_decision AS later"
        " WHERE later.claim_id = claim_decision.claim_id AND later.number > claim_decision.number)"
    )
    op.drop_index("decision_of_claim", table_name="claim_decision")
    with op.batch_alter_table("claim_decision") as decision:
        decision.drop_column("number")
    op.create_index("ix_claim_decision_claim_id", "claim_decision", ["claim_id"], unique=True)
    drop_indexes()
    with op.batch_alter_table("claim") as claim:
        claim.drop_column("waiting_since")
    create_indexes("recorded_at")


def add_column(table: str, column: sa.Column, value: str) -> None:
    """A column that is never empty, with `value` (SQL of ours) in the rows that are there."""
    with op.batch_alter_table(table) as altered:
        altered.add_column(column)
    op.execute(f"UPDATE {table} SET {column.name} = {value}")  # noqa: S608  # written above
    with op.batch_alter_table(table) as altered:
        altered.alter_column(column.name, existing_type=column.type, nullable=False)


def create_indexes(since: str) -> None:
    op.create_index("claim_queue", "claim", [since, "id"], sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_index(
        "one_undecided_claim",
        "claim",
        ["person_id", "kind", "subject"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )


def drop_indexes() -> None:
    """A batch on SQLite would make them anew without their condition."""
    op.drop_index("claim_queue", table_name="claim")
    op.drop_index("one_undecided_claim", table_name="claim")
