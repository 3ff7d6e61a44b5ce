"""A conversation ends after a long silence: the next text opens a new chat.

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TO_CLOSE = sa.text("closed_at IS NULL")


def upgrade():
    op.create_table(
        "sms_past_chats",
        sa.Column("id", Id, primary_key=True),
        sa.Column("session_id", Id, sa.ForeignKey("sms_sessions.id"), nullable=False),
        sa.Column("chat_id", sa.String(64), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("ix_sms_past_chats_session_id", "sms_past_chats", ["session_id", "id"])
    op.create_index("ix_sms_past_chats_chat_id", "sms_past_chats", ["chat_id"])
    op.create_index(
        "ix_sms_past_chats_to_close",
        "sms_past_chats",
        ["id"],
        postgresql_where=TO_CLOSE,
        sqlite_where=TO_CLOSE,
    )
    op.add_column(
        "sms_channels",
        sa.Column("new_chat_after_days", sa.Integer(), nullable=False, server_default=sa.text("30")),
    )


def downgrade():
    op.drop_column("sms_channels", "new_chat_after_days")
    op.drop_table("sms_past_chats")
