"""Channels answer the numbers of some countries; those that exist go on answering every one.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("sms_channels", sa.Column("countries", sa.Text(), nullable=False, server_default=""))
    op.execute("UPDATE sms_channels SET countries = '*'")


def downgrade():
    op.drop_column("sms_channels", "countries")
