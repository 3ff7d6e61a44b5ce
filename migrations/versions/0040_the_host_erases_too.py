"""What the host is asked to erase with a texter.

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "sms_host_erasures"


def upgrade():
    op.create_table(
        TABLE,
        sa.Column("id", Id, primary_key=True),
        sa.Column("channel_id", Id, sa.ForeignKey("sms_channels.id"), nullable=False),
        sa.Column("session_id", Id, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("host_id", sa.String(64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_sms_host_erasures_due", TABLE, ["try_at"])
    op.create_index("ix_sms_host_erasures_session_id", TABLE, ["session_id"])


def downgrade():
    op.drop_table(TABLE)
