"""The tables themselves refuse a second first score, decision on a claim, use of a mailed secret, or release on one base."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ONCE = {"claim_decision": "claim_id", "release": "base_id"}


def upgrade() -> None:
    op.create_table(
        "mail_token_use",
        sa.Column("mail_token_id", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["mail_token_id"], ["mail_token.id"], name=op.f("fk_mail_token_use_mail_token_id_mail_token")
        ),
        sa.PrimaryKeyConstraint("mail_token_id", name=op.f("pk_mail_token_use")),
    )
    op.drop_index("ix_claim_decision_claim_id", table_name="claim_decision")
    for table, column in ONCE.items():
        op.create_index(f"ix_{table}_{column}", table, [column], unique=True)
    number_scores()


def number_scores() -> None:
    """In the order in which they were added."""
    with op.batch_alter_table("score") as score:
        score.add_column(sa.Column("number", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE score SET number = (SELECT count(*) FROM score AS earlier"
        " WHERE earlier.attempt_id = score.attempt_id AND earlier.id <= score.id)"
    )
    with op.batch_alter_table("score") as score:
        score.alter_column("number", existing_type=sa.Integer(), nullable=False)
    op.drop_index("ix_score_attempt_id", table_name="score")
    op.create_index("score_of_attempt", "score", ["attempt_id", "number"], unique=True)


def downgrade() -> None:
    op.drop_index("score_of_attempt", table_name="score")
    op.create_index("ix_score_attempt_id", "score", ["attempt_id"])
    with op.batch_alter_table("score") as score:
        score.drop_column("number")
    for table, column in ONCE.items():
        op.drop_index(f"ix_{table}_{column}", table_name=table)
    op.create_index("ix_claim_decision_claim_id", "claim_decision", ["claim_id"])
    op.drop_table("mail_token_use")
