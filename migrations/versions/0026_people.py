"""People can answer by text.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PERSON = sa.text("person_since IS NOT NULL")
IN_CHAT = sa.text("chat_id IS NOT NULL")
FOR_PERSON = sa.text("no_reply_reason = 'taken_over'")
WAITING = sa.text("message_id IS NULL AND refused IS NULL")


def upgrade():
    op.add_column("sms_sessions", sa.Column("person_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sms_sessions", sa.Column("person_by", sa.String(200), nullable=True))
    op.add_column("sms_sessions", sa.Column("person_why", sa.String(200), nullable=True))
    op.add_column(
        "sms_sessions", sa.Column("person_by_host", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("sms_sessions", sa.Column("person_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_sms_sessions_person",
        "sms_sessions",
        ["channel_id", "last_message_at", "id"],
        postgresql_where=PERSON,
        sqlite_where=PERSON,
    )
    op.create_index(
        "ix_sms_sessions_chat_id",
        "sms_sessions",
        ["chat_id"],
        postgresql_where=IN_CHAT,
        sqlite_where=IN_CHAT,
    )
    op.create_index(
        "ix_sms_messages_for_person",
        "sms_messages",
        ["session_id", "id"],
        postgresql_where=FOR_PERSON,
        sqlite_where=FOR_PERSON,
    )
    op.create_table(
        "sms_person_texts",
        sa.Column("id", Id, primary_key=True),
        sa.Column("channel_id", Id, sa.ForeignKey("sms_channels.id"), nullable=False),
        sa.Column("session_id", Id, sa.ForeignKey("sms_sessions.id"), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("by_id", sa.String(128), nullable=False),
        sa.Column("by_name", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", Id, sa.ForeignKey("sms_messages.id"), nullable=True),
        sa.Column("refused", sa.String(20), nullable=True),
        sa.UniqueConstraint("session_id", "key"),
        sa.UniqueConstraint("message_id"),
    )
    op.create_index(
        "ix_sms_person_texts_waiting",
        "sms_person_texts",
        ["session_id", "id"],
        postgresql_where=WAITING,
        sqlite_where=WAITING,
    )


def downgrade():
    op.drop_table("sms_person_texts")
    op.drop_index("ix_sms_messages_for_person", table_name="sms_messages")
    op.drop_index("ix_sms_sessions_chat_id", table_name="sms_sessions")
    op.drop_index("ix_sms_sessions_person", table_name="sms_sessions")
    for column in ("person_at", "person_by_host", "person_why", "person_by", "person_since"):
        op.drop_column("sms_sessions", column)
