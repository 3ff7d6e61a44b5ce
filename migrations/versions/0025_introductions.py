"""The first answer to a number says what it is; channels that exist go on as before.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        "sms_channels", sa.Column("introduce", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.add_column("sms_channels", sa.Column("introduction", sa.Text(), nullable=True))
    op.execute(sa.update(sa.table("sms_channels", sa.column("introduce"))).values(introduce=sa.false()))
    op.add_column("sms_sessions", sa.Column("introduced_at", sa.DateTime(timezone=True), nullable=True))


def downgrade():
    op.drop_column("sms_sessions", "introduced_at")
    op.drop_column("sms_channels", "introduction")
    op.drop_column("sms_channels", "introduce")
