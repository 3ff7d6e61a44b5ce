"""Count a session's texts in and out from an index alone.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index("ix_sms_messages_of_session", "sms_messages", ["session_id", "id", "direction"])
    op.drop_index("ix_sms_messages_session_id_id", table_name="sms_messages")


def downgrade():
    op.create_index("ix_sms_messages_session_id_id", "sms_messages", ["session_id", "id"])
    op.drop_index("ix_sms_messages_of_session", table_name="sms_messages")
