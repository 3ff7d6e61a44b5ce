"""What texters attach is kept, and deleted at Twilio with the texter.

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT = sa.text("data IS NOT NULL")


def upgrade():
    op.create_table(
        "sms_media",
        sa.Column("id", BIG, nullable=False),
        sa.Column("channel_id", BIG, nullable=False),
        sa.Column("session_id", BIG, nullable=False),
        sa.Column("message_id", BIG, nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("content_type", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("problem", sa.String(12), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["sms_channels.id"], name=op.f("fk_sms_media_channel_id")),
        sa.ForeignKeyConstraint(["session_id"], ["sms_sessions.id"], name=op.f("fk_sms_media_session_id")),
        sa.ForeignKeyConstraint(["message_id"], ["sms_messages.id"], name=op.f("fk_sms_media_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_media")),
        sa.UniqueConstraint("message_id", "position", name=op.f("uq_sms_media_message_id_position")),
    )
    op.create_index("ix_sms_media_session_id", "sms_media", ["session_id"])
    op.create_index(
        "ix_sms_media_kept",
        "sms_media",
        ["channel_id", "id"],
        postgresql_where=KEPT,
        sqlite_where=KEPT,
    )
    op.add_column(
        "sms_erased_texts", sa.Column("media", sa.SmallInteger(), nullable=False, server_default="0")
    )


def downgrade():
    op.drop_column("sms_erased_texts", "media")
    op.drop_table("sms_media")
