"""The host can be told when something is the matter.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNTOLD = sa.text("told_at IS NULL AND ended_at IS NULL")
MACHINE = sa.text("machine_at IS NOT NULL")


def upgrade():
    op.create_table(
        "sms_notices",
        sa.Column("id", Id, primary_key=True),
        sa.Column("channel_id", Id, sa.ForeignKey("sms_channels.id"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("session_id", Id, sa.ForeignKey("sms_sessions.id"), nullable=True),
        sa.Column("sentence", sa.String(500), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint("channel_id", "kind", "subject"),
    )
    op.create_index(
        "ix_sms_notices_untold", "sms_notices", ["due_at"], postgresql_where=UNTOLD, sqlite_where=UNTOLD
    )
    op.create_index("ix_sms_notices_session_id", "sms_notices", ["session_id"])
    op.create_index(
        "ix_sms_sessions_machine",
        "sms_sessions",
        ["machine_at"],
        postgresql_where=MACHINE,
        sqlite_where=MACHINE,
    )


def downgrade():
    op.drop_index("ix_sms_sessions_machine", table_name="sms_sessions")
    op.drop_table("sms_notices")
