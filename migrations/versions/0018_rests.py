"""What answers lose at Max Message Length is kept, and channels can offer it.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade():
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "sms_rests",
        sa.Column("message_id", big, sa.ForeignKey("sms_messages.id"), primary_key=True, autoincrement=False),
        sa.Column("channel_id", big, sa.ForeignKey("sms_channels.id"), nullable=False),
        sa.Column("session_id", big, sa.ForeignKey("sms_sessions.id"), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_as", big, sa.ForeignKey("sms_messages.id"), nullable=True),
    )
    op.create_index("ix_sms_rests_of_session", "sms_rests", ["session_id", "message_id"])
    op.create_index("ix_sms_rests_channel_id_created_at", "sms_rests", ["channel_id", "created_at"])
    op.create_index("ix_sms_rests_sent_as", "sms_rests", ["sent_as"])
    op.add_column(
        "sms_channels", sa.Column("offer_more", sa.Boolean(), nullable=False, server_default=sa.true())
    )


def downgrade():
    op.drop_column("sms_channels", "offer_more")
    op.drop_table("sms_rests")
