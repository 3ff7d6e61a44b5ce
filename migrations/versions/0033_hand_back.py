"""A session that a person answers may go back to the assistant by itself.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        "sms_channels",
        sa.Column("hand_back_after_hours", sa.Integer(), nullable=False, server_default=sa.text("0")),
    )


def downgrade():
    op.drop_column("sms_channels", "hand_back_after_hours")
