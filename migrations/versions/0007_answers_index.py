"""index answers only where there is one

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ANSWERED = sa.text("answer_id IS NOT NULL")


def upgrade():
    op.drop_index("ix_sms_messages_answer_id", table_name="sms_messages")
    op.create_index(
        "ix_sms_messages_answer_id",
        "sms_messages",
        ["answer_id"],
        postgresql_where=ANSWERED,
        sqlite_where=ANSWERED,
    )


def downgrade():
    op.drop_index("ix_sms_messages_answer_id", table_name="sms_messages")
    op.create_index("ix_sms_messages_answer_id", "sms_messages", ["answer_id"])
