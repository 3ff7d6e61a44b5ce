"""A channel counts once Twilio has confirmed it; a number is one confirmed channel's.

Channels of before that have had a text delivered and are in no trouble count as confirmed. All others are asked
about at Twilio by housekeeping.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

CONFIRMED = sa.text("confirmed_at IS NOT NULL")
TO_LOOK_AT = sa.text("look_at IS NOT NULL")

# Twilio's refusals of an account or of its number.
REFUSED = "10001, 20003, 20005, 20008, 20403, 21606, 21659, 21660, 21661, 30002"
DELIVERED = """
    UPDATE sms_channels SET confirmed_at = CURRENT_TIMESTAMP
    WHERE account_sid IS NOT NULL AND auth_token IS NOT NULL AND phone_number IS NOT NULL
    AND (attention_code IS NULL OR attention_code NOT IN ({refused}))
    AND EXISTS (
        SELECT 1 FROM sms_messages
        WHERE sms_messages.channel_id = sms_channels.id
        AND sms_messages.direction = 'outbound'
        AND sms_messages.from_number = sms_channels.phone_number
        AND sms_messages.send_state = 'accepted'
        AND sms_messages.status IN ('delivered', 'read')
        AND sms_messages.created_at >= COALESCE(sms_channels.connected_at, sms_channels.created_at)
    )
"""
ASK = """
    UPDATE sms_channels SET look_at = CURRENT_TIMESTAMP
    WHERE account_sid IS NOT NULL AND (confirmed_at IS NULL OR attention_code IN ({refused}))
"""


def upgrade():
    op.add_column("sms_channels", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sms_channels", sa.Column("look_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sms_channels", sa.Column("looks", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column(
        "sms_channels", sa.Column("number_in_use", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    with op.batch_alter_table("sms_channels") as batch_op:
        batch_op.drop_constraint("uq_sms_channels_phone_number", type_="unique")
    op.create_index(
        "uq_sms_channels_confirmed_number",
        "sms_channels",
        ["phone_number"],
        unique=True,
        postgresql_where=CONFIRMED,
        sqlite_where=CONFIRMED,
    )
    op.create_index(
        "ix_sms_channels_look_at",
        "sms_channels",
        ["look_at"],
        postgresql_where=TO_LOOK_AT,
        sqlite_where=TO_LOOK_AT,
    )
    op.execute(DELIVERED.format(refused=REFUSED))
    op.execute(ASK.format(refused=REFUSED))


def downgrade():
    op.drop_index("ix_sms_channels_look_at", table_name="sms_channels")
    op.drop_index("uq_sms_channels_confirmed_number", table_name="sms_channels")
    # Before, a number was one channel's whether confirmed or not.
    op.execute(
        "UPDATE sms_channels SET phone_number = NULL, account_sid = NULL, auth_token = NULL"
        " WHERE confirmed_at IS NULL AND EXISTS (SELECT 1 FROM sms_channels AS other"
        " WHERE other.phone_number = sms_channels.phone_number AND other.id <> sms_channels.id)"
    )
    with op.batch_alter_table("sms_channels") as batch_op:
        batch_op.create_unique_constraint("uq_sms_channels_phone_number", ["phone_number"])
    for name in ("number_in_use", "looks", "look_at", "confirmed_at"):
        op.drop_column("sms_channels", name)
