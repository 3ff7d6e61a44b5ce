"""Channels remember when another system last sent a text from their number.

Revision ID: 0046
Revises: 0045
"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("sms_channels", sa.Column("others_at", sa.DateTime(timezone=True), nullable=True))


def downgrade():
    # Earlier versions know no such texts, and would count them.
    op.execute("DELETE FROM sms_messages WHERE direction = 'other'")
    op.drop_column("sms_channels", "others_at")
