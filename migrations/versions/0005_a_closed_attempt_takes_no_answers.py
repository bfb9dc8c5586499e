"""The answer journal refuses a line of an attempt that is closed.

A later migration that makes `answer_entry` anew on SQLite (a batch) loses its trigger, and has to make it again.
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OPEN = "SELECT 1 FROM attempt WHERE id = NEW.attempt_id AND status IN ('in_progress', 'overdue')"
SAID = "a closed attempt takes no answers"


def upgrade() -> None:
    if is_sqlite():
        op.execute(
            "CREATE TRIGGER answer_entry_of_open_attempt BEFORE INSERT ON answer_entry "
            f"WHEN NOT EXISTS ({OPEN}) BEGIN SELECT RAISE(ABORT, '{SAID}'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION refuse_answer_to_closed_attempt() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN PERFORM {OPEN.removeprefix('SELECT ')} FOR SHARE; "
        f"IF NOT FOUND THEN RAISE EXCEPTION '{SAID}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        "RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER answer_entry_of_open_attempt BEFORE INSERT ON answer_entry "
        "FOR EACH ROW EXECUTE FUNCTION refuse_answer_to_closed_attempt()"
    )


def downgrade() -> None:
    if is_sqlite():
        op.execute("DROP TRIGGER answer_entry_of_open_attempt")
        return
    op.execute("DROP TRIGGER answer_entry_of_open_attempt ON answer_entry")
    op.execute("DROP FUNCTION refuse_answer_to_closed_attempt()")


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
