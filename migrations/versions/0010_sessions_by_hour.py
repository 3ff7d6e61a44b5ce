"""Sessions are counted once, by the hour of their last text.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade():
    # First, because it waits for whoever counts: nothing else is locked meanwhile.
    op.add_column("sms_rollups", sa.Column("sessions_until", TIME, nullable=True))
    op.create_table(
        "sms_session_hours",
        sa.Column("channel_id", ID, autoincrement=False, nullable=False),
        sa.Column("hour", TIME, nullable=False),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["sms_channels.id"], name=op.f("fk_sms_session_hours_channel_id")
        ),
        sa.PrimaryKeyConstraint("channel_id", "hour", name=op.f("pk_sms_session_hours")),
    )
    op.create_table(
        "sms_counted_sessions",
        sa.Column("session_id", ID, autoincrement=False, nullable=False),
        sa.Column("channel_id", ID, nullable=False),
        sa.Column("hour", TIME, nullable=False),
        sa.Column("matched", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["sms_channels.id"], name=op.f("fk_sms_counted_sessions_channel_id")
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_sms_counted_sessions")),
    )
    op.create_index("ix_sms_counted_sessions_channel_id_hour", "sms_counted_sessions", ["channel_id", "hour"])


def downgrade():
    op.drop_column("sms_rollups", "sessions_until")
    op.drop_index("ix_sms_counted_sessions_channel_id_hour", table_name="sms_counted_sessions")
    op.drop_table("sms_counted_sessions")
    op.drop_table("sms_session_hours")
