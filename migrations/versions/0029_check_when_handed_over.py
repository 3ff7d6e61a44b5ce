"""No entry among what Twilio is asked about for a text that is just being handed over.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

INDEX = "ix_sms_messages_check_at"


def upgrade():
    _index("check_at IS NOT NULL AND send_state <> 'sending'")


def downgrade():
    _index("check_at IS NOT NULL")


def _index(condition):
    op.drop_index(INDEX, table_name="sms_messages")
    op.create_index(
        INDEX,
        "sms_messages",
        ["check_at"],
        postgresql_where=sa.text(condition),
        sqlite_where=sa.text(condition),
    )
