"""Channels whose assistant the host does not know any more.

Revision ID: 0044
Revises: 0043
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

TIMES = ("host_asked_at", "missing_since", "missed_at")


def upgrade():
    for name in TIMES:
        op.add_column("sms_channels", sa.Column(name, sa.DateTime(timezone=True), nullable=True))


def downgrade():
    for name in TIMES:
        op.drop_column("sms_channels", name)
