"""Sessions whose texter looks like a machine.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("sms_sessions", sa.Column("machine_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sms_sessions", sa.Column("machine_evidence", sa.String(200), nullable=True))
    op.add_column("sms_sessions", sa.Column("awake_at", sa.DateTime(timezone=True), nullable=True))


def downgrade():
    for column in ("awake_at", "machine_evidence", "machine_at"):
        op.drop_column("sms_sessions", column)
