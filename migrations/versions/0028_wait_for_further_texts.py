"""An answer waits a moment for further texts.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        "sms_channels",
        sa.Column("wait_seconds", sa.Integer(), nullable=False, server_default=sa.text("2")),
    )


def downgrade():
    op.drop_column("sms_channels", "wait_seconds")
