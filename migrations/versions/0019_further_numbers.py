"""Further numbers of a channel, answered from once Twilio has confirmed them.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OURS = sa.text("confirmed_at IS NOT NULL")
TO_LOOK_AT = sa.text("look_at IS NOT NULL")


def upgrade():
    op.create_table(
        "sms_further_numbers",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("channel_id", BIG_ID, nullable=False),
        sa.Column("phone_number", sa.String(64), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("denied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looks", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["sms_channels.id"], name=op.f("fk_sms_further_numbers_channel_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_further_numbers")),
        sa.UniqueConstraint(
            "channel_id", "phone_number", name=op.f("uq_sms_further_numbers_channel_id_phone_number")
        ),
    )
    op.create_index(
        "uq_sms_further_numbers_confirmed",
        "sms_further_numbers",
        ["phone_number"],
        unique=True,
        postgresql_where=OURS,
        sqlite_where=OURS,
    )
    op.create_index(
        "ix_sms_further_numbers_look_at",
        "sms_further_numbers",
        ["look_at"],
        postgresql_where=TO_LOOK_AT,
        sqlite_where=TO_LOOK_AT,
    )


def downgrade():
    op.drop_table("sms_further_numbers")
