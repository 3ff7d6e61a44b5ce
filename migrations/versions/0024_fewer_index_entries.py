"""Fewer index entries, and room for the next version of a text beside the last one.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EVENTS, COLUMNS = "sms_status_events", "message_id, fingerprint, status, error_code, created_at"
NAMED_BY = ["message_id", "fingerprint"]
UNFILED = "ix_sms_messages_unfiled"
LEFT_OUT = "('not_a_phone', 'own_number', 'test')"
CLOSED = (
    f"NOT in_chat AND (send_state = 'accepted' OR answer_id IS NOT NULL OR no_reply_reason NOT IN {LEFT_OUT})"
)
ALL = (
    "NOT in_chat AND (send_state IS NULL OR send_state = 'accepted') "
    f"AND (no_reply_reason IS NULL OR no_reply_reason NOT IN {LEFT_OUT})"
)


def upgrade():
    _unfiled(CLOSED)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE sms_messages SET (fillfactor = 85)")
        op.drop_constraint(op.f("pk_sms_status_events"), EVENTS, type_="primary")
        op.drop_constraint(op.f("uq_sms_status_events_message_id_fingerprint"), EVENTS, type_="unique")
        op.drop_column(EVENTS, "id")
        op.create_primary_key(op.f("pk_sms_status_events"), EVENTS, NAMED_BY)
    else:
        _rebuild(sa.PrimaryKeyConstraint(*NAMED_BY, name=op.f("pk_sms_status_events")))


def downgrade():
    _unfiled(ALL)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE sms_messages RESET (fillfactor)")
        op.drop_constraint(op.f("pk_sms_status_events"), EVENTS, type_="primary")
        op.execute(
            f"ALTER TABLE {EVENTS} ADD COLUMN id BIGSERIAL CONSTRAINT pk_sms_status_events PRIMARY KEY"
        )
        op.create_unique_constraint(op.f("uq_sms_status_events_message_id_fingerprint"), EVENTS, NAMED_BY)
    else:
        _rebuild(
            sa.Column("id", BIG_ID, nullable=False),
            sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_status_events")),
            sa.UniqueConstraint(*NAMED_BY, name=op.f("uq_sms_status_events_message_id_fingerprint")),
        )


def _unfiled(condition):
    op.drop_index(UNFILED, table_name="sms_messages")
    op.create_index(
        UNFILED,
        "sms_messages",
        ["session_id", "id"],
        postgresql_where=sa.text(condition),
        sqlite_where=sa.text(condition),
    )


def _rebuild(*parts):
    """SQLite changes no primary key of a table that exists."""
    op.rename_table(EVENTS, f"{EVENTS}_before")
    op.create_table(
        EVENTS,
        sa.Column("message_id", BIG_ID, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["sms_messages.id"], name=op.f("fk_sms_status_events_message_id")
        ),
        *parts,
    )
    op.execute(f"INSERT INTO {EVENTS} ({COLUMNS}) SELECT {COLUMNS} FROM {EVENTS}_before ORDER BY rowid")  # noqa: S608 - constants
    op.drop_table(f"{EVENTS}_before")
