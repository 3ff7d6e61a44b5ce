"""Channels say whom they answer in one word.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        "sms_channels", sa.Column("answer_to", sa.String(), nullable=False, server_default="everybody")
    )
    op.execute("UPDATE sms_channels SET answer_to = 'listed' WHERE only_numbers <> ''")


def downgrade():
    op.execute("UPDATE sms_channels SET only_numbers = '' WHERE answer_to IN ('everybody', 'contacts')")
    op.drop_column("sms_channels", "answer_to")
