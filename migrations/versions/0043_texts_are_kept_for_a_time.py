"""A channel may keep its texts for a time only.

Revision ID: 0043
Revises: 0042
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE, TEXTS = "sms_retentions", "sms_erased_texts"
LEFT = sa.text("gone_at IS NULL")


def upgrade():
    op.add_column(
        "sms_channels", sa.Column("keep_days", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    op.add_column(
        "sms_channels",
        sa.Column("delete_at_twilio", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("sms_rollups", sa.Column("texts_from", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        TABLE,
        sa.Column("channel_id", Id, sa.ForeignKey("sms_channels.id"), primary_key=True, autoincrement=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("part", sa.String(8), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_id", Id, nullable=True),
    )
    op.create_index("ix_sms_retentions_look_at", TABLE, ["look_at"])
    op.add_column(TEXTS, sa.Column("by_age", sa.Boolean(), nullable=False, server_default=sa.false()))
    _index(["channel_id", "by_age"], ["by_age", "try_at"])


def downgrade():
    _index(["channel_id"], ["try_at"])
    op.drop_column(TEXTS, "by_age")
    op.drop_table(TABLE)
    op.drop_column("sms_rollups", "texts_from")
    op.drop_column("sms_channels", "delete_at_twilio")
    op.drop_column("sms_channels", "keep_days")


def _index(left, due):
    for name, columns in (("ix_sms_erased_texts_left", left), ("ix_sms_erased_texts_due", due)):
        op.drop_index(name, TEXTS)
        op.create_index(name, TEXTS, columns, postgresql_where=LEFT, sqlite_where=LEFT)
