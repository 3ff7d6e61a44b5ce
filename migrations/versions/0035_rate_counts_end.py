"""Counts of what people have tried say when they end, so that housekeeping can delete them.

Revision ID: 0035
Revises: 0034
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

TABLE = "sms_rate_counts"


def upgrade():
    op.add_column(TABLE, sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))
    counts = sa.table(TABLE, sa.column("ends_at", sa.DateTime(timezone=True)))
    # None counts for more than a day; which of those that are there ends when is not written down.
    op.execute(counts.update().values(ends_at=datetime.now(UTC) + timedelta(days=1)))


def downgrade():
    op.drop_column(TABLE, "ends_at")
