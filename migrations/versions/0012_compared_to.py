"""How far a channel has been compared with Twilio's list, so that the next comparison goes on from there.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("sms_channels", sa.Column("compared_to", sa.DateTime(timezone=True), nullable=True))


def downgrade():
    op.drop_column("sms_channels", "compared_to")
