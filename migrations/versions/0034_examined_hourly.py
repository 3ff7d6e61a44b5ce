"""Channels are examined every hour, and what is wrong is kept.

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

TABLE = "sms_channels"


def upgrade():
    op.add_column(TABLE, sa.Column("examined_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(TABLE, sa.Column("examined_version", sa.Integer(), nullable=True))
    op.add_column(TABLE, sa.Column("found", sa.JSON(none_as_null=True), nullable=True))


def downgrade():
    for column in ("found", "examined_version", "examined_at"):
        op.drop_column(TABLE, column)
