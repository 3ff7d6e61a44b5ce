"""Numbers can be blocked, and channels can answer only some numbers.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BLOCKED = sa.text("blocked_at IS NOT NULL")


def upgrade():
    op.add_column("sms_sessions", sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_sms_sessions_blocked",
        "sms_sessions",
        ["channel_id", "last_message_at", "id"],
        postgresql_where=BLOCKED,
        sqlite_where=BLOCKED,
    )
    op.add_column("sms_channels", sa.Column("only_numbers", sa.Text(), nullable=False, server_default=""))


def downgrade():
    op.drop_column("sms_channels", "only_numbers")
    op.drop_index("ix_sms_sessions_blocked", table_name="sms_sessions")
    op.drop_column("sms_sessions", "blocked_at")
