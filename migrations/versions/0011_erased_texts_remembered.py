"""The SID of an erased text is kept for a while after Twilio has deleted it, too.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("sms_erased_texts", sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True))


def downgrade():
    op.drop_column("sms_erased_texts", "gone_at")
