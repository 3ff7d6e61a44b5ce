"""Created contacts are counted beside matched ones; names and short codes are no sessions in the figures.

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

NO = sa.false()


def upgrade():
    op.add_column(
        "sms_sessions", sa.Column("contact_created", sa.Boolean(), nullable=False, server_default=NO)
    )
    op.add_column(
        "sms_counted_sessions", sa.Column("created", sa.Boolean(), nullable=False, server_default=NO)
    )
    op.add_column("sms_session_hours", sa.Column("created", sa.Integer(), nullable=False, server_default="0"))
    _count_anew()


def downgrade():
    op.drop_column("sms_session_hours", "created")
    op.drop_column("sms_counted_sessions", "created")
    op.drop_column("sms_sessions", "contact_created")
    _count_anew()


def _count_anew():
    """The sessions of the analytics; the next who looks at them counts."""
    op.execute("DELETE FROM sms_counted_sessions")
    op.execute("DELETE FROM sms_session_hours")
    op.execute("UPDATE sms_rollups SET sessions_until = NULL")
