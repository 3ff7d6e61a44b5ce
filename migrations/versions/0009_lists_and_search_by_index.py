"""The list of sessions and its search read along indexes, however many sessions there are.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OPTED_OUT = sa.text("opted_out_at IS NOT NULL")
LINKED = sa.text("contact_id IS NOT NULL")
UNSETTLED = sa.text("send_state = 'unsettled'")


def upgrade():
    op.add_column(
        "sms_sessions", sa.Column("reversed_number", sa.String(64), nullable=False, server_default="")
    )
    _teach_sqlite_to_reverse(op.get_bind())
    op.execute("UPDATE sms_sessions SET reversed_number = reverse(phone_number)")
    op.create_index("ix_sms_sessions_reversed_number", "sms_sessions", ["channel_id", "reversed_number"])
    op.drop_index("ix_sms_sessions_last_message", table_name="sms_sessions")
    op.create_index(
        "ix_sms_sessions_last_message", "sms_sessions", ["channel_id", "last_message_at", "id", "contact_id"]
    )
    op.create_index(
        "ix_sms_sessions_opted_out",
        "sms_sessions",
        ["channel_id", "last_message_at", "id"],
        postgresql_where=OPTED_OUT,
        sqlite_where=OPTED_OUT,
    )
    op.drop_index("ix_sms_sessions_contact_id", table_name="sms_sessions")
    op.create_index(
        "ix_sms_sessions_contact_id",
        "sms_sessions",
        ["contact_id"],
        postgresql_where=LINKED,
        sqlite_where=LINKED,
    )
    _index_unsettled(["channel_id", "session_id"])


def downgrade():
    _index_unsettled(["channel_id"])
    op.drop_index("ix_sms_sessions_contact_id", table_name="sms_sessions")
    op.create_index("ix_sms_sessions_contact_id", "sms_sessions", ["contact_id"])
    op.drop_index("ix_sms_sessions_opted_out", table_name="sms_sessions")
    op.drop_index("ix_sms_sessions_last_message", table_name="sms_sessions")
    op.create_index(
        "ix_sms_sessions_last_message", "sms_sessions", ["channel_id", "last_message_at", "contact_id"]
    )
    op.drop_index("ix_sms_sessions_reversed_number", table_name="sms_sessions")
    op.drop_column("sms_sessions", "reversed_number")


def _index_unsettled(columns):
    op.drop_index("ix_sms_messages_unsettled", table_name="sms_messages")
    op.create_index(
        "ix_sms_messages_unsettled",
        "sms_messages",
        columns,
        postgresql_where=UNSETTLED,
        sqlite_where=UNSETTLED,
    )


def _teach_sqlite_to_reverse(connection):
    """PostgreSQL has this function."""
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.create_function("reverse", 1, lambda words: words[::-1])
