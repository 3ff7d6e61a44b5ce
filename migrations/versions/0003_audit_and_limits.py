"""Who changed what, how often somebody did something, and texts that wait for a decision.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UNSETTLED = "send_state = 'unsettled'"


def upgrade():
    op.create_table(
        "sms_audit_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.String(length=128), nullable=False),
        sa.Column("person_name", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["sms_channels.id"], name=op.f("fk_sms_audit_entries_channel_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_audit_entries")),
    )
    op.create_index(
        "ix_sms_audit_entries_channel_id_id", "sms_audit_entries", ["channel_id", "id"], unique=False
    )
    op.create_table(
        "sms_rate_counts",
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("period", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_sms_rate_counts")),
    )
    op.create_index(
        "ix_sms_messages_unsettled",
        "sms_messages",
        ["channel_id"],
        unique=False,
        postgresql_where=sa.text(UNSETTLED),
        sqlite_where=sa.text(UNSETTLED),
    )


def downgrade():
    op.drop_index(
        "ix_sms_messages_unsettled",
        table_name="sms_messages",
        postgresql_where=sa.text(UNSETTLED),
        sqlite_where=sa.text(UNSETTLED),
    )
    op.drop_table("sms_rate_counts")
    op.drop_index("ix_sms_audit_entries_channel_id_id", table_name="sms_audit_entries")
    op.drop_table("sms_audit_entries")
