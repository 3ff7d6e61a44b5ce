"""Erased texts belong to their channel, and stay known; leases hold no numbers.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

LEFT = sa.text("gone_at IS NULL")


def upgrade():
    op.drop_index("ix_sms_erased_texts_channel_id", table_name="sms_erased_texts")
    op.drop_index("ix_sms_erased_texts_try_at", table_name="sms_erased_texts")
    with op.batch_alter_table("sms_erased_texts") as batch:
        batch.drop_constraint("pk_sms_erased_texts", type_="primary")
        batch.create_primary_key("pk_sms_erased_texts", ["channel_id", "message_sid"])
    for name, column in (("ix_sms_erased_texts_left", "channel_id"), ("ix_sms_erased_texts_due", "try_at")):
        op.create_index(name, "sms_erased_texts", [column], postgresql_where=LEFT, sqlite_where=LEFT)
    op.execute("DELETE FROM sms_leases WHERE name LIKE 'contact/%'")


def downgrade():
    op.drop_index("ix_sms_erased_texts_due", table_name="sms_erased_texts")
    op.drop_index("ix_sms_erased_texts_left", table_name="sms_erased_texts")
    # One channel's row of a SID stays: the earlier version knows a SID once.
    op.execute(
        "DELETE FROM sms_erased_texts WHERE EXISTS (SELECT 1 FROM sms_erased_texts AS other "
        "WHERE other.message_sid = sms_erased_texts.message_sid AND other.channel_id < sms_erased_texts.channel_id)"
    )
    with op.batch_alter_table("sms_erased_texts") as batch:
        batch.drop_constraint("pk_sms_erased_texts", type_="primary")
        batch.create_primary_key("pk_sms_erased_texts", ["message_sid"])
    op.create_index("ix_sms_erased_texts_try_at", "sms_erased_texts", ["try_at"])
    op.create_index("ix_sms_erased_texts_channel_id", "sms_erased_texts", ["channel_id"])
