"""A list of people is read in the order of their names, however many there are."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("person_by_name", "person", ["name", "id"])


def downgrade() -> None:
    op.drop_index("person_by_name", table_name="person")
