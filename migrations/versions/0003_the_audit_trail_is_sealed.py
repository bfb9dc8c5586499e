"""The audit trail is added to and nothing else, and has seals.

A later migration that makes `audit_entry` or `audit_seal` anew on SQLite (a batch) loses their triggers,
and has to make them again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEYS = {"audit_entry": "id", "audit_seal": "number"}


def upgrade() -> None:
    op.create_table(
        "audit_seal",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("prints", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "number >= 1 AND count >= 1 AND first_id <= last_id", name=op.f("ck_audit_seal_holds_something")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("first_id", name=op.f("uq_audit_seal_first_id")),
        sa.UniqueConstraint("last_id", name=op.f("uq_audit_seal_last_id")),
        sa.UniqueConstraint("previous", name=op.f("uq_audit_seal_previous")),
        sa.UniqueConstraint("digest", name=op.f("uq_audit_seal_digest")),
    )
    if is_sqlite():
        guard_on_sqlite()
    else:
        guard_on_postgresql()


def downgrade() -> None:
    op.drop_table("audit_seal")
    if is_sqlite():
        for what in ("update", "delete", "replace"):
            op.execute(f"DROP TRIGGER audit_entry_refuses_{what}")
    else:
        op.execute("DROP TRIGGER audit_entry_refuses_change ON audit_entry")
        op.execute("DROP TRIGGER audit_entry_refuses_truncate ON audit_entry")
        op.execute("DROP FUNCTION refuse_change_of_audit()")


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def guard_on_sqlite() -> None:
    """REPLACE removes the row in its way without asking the trigger on DELETE, so it has one of its own."""
    for table, key in KEYS.items():
        said = f"BEGIN SELECT RAISE(ABORT, '{table} is added to, never changed'); END"
        op.execute(f"CREATE TRIGGER {table}_refuses_update BEFORE UPDATE ON {table} {said}")
        op.execute(f"CREATE TRIGGER {table}_refuses_delete BEFORE DELETE ON {table} {said}")
        stands = f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"  # noqa: S608  # names of our own
        op.execute(f"CREATE TRIGGER {table}_refuses_replace BEFORE INSERT ON {table} WHEN {stands} {said}")


def guard_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is added to, never changed', TG_TABLE_NAME; END $$"
    )
    for table in KEYS:
        refuses = "EXECUTE FUNCTION refuse_change_of_audit()"
        op.execute(f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {refuses}")
        op.execute(f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuses}")
