"""Limits of a channel, what is used of them, and pauses.

Channels that exist are not cut off: their limits start at three times their busiest day of the last 30, where that
is more than the default.

Revision ID: 0022
Revises: 0021
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AGAIN = 3
DEFAULTS = {
    "answers_per_hour": (30, 10_000),
    "answers_per_day": (100, 100_000),
    "segments_per_day": (5_000, 100_000_000),
}


def upgrade():
    for name, (default, _most) in DEFAULTS.items():
        op.add_column(
            "sms_channels", sa.Column(name, sa.Integer(), nullable=False, server_default=str(default))
        )
    op.add_column("sms_channels", sa.Column("money_per_day", sa.String(), nullable=True))
    op.add_column("sms_channels", sa.Column("money_per_month", sa.String(), nullable=True))
    op.add_column(
        "sms_channels",
        sa.Column("resume_by_itself", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("sms_channels", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sms_channels", sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sms_channels", sa.Column("pause_reason", sa.String(16), nullable=True))
    op.add_column("sms_channels", sa.Column("paused_by", sa.String(200), nullable=True))
    op.add_column("sms_messages", sa.Column("reserved", sa.Integer(), nullable=True))
    for period in ("hour", "day"):
        op.add_column("sms_sessions", sa.Column(f"{period}_from", sa.DateTime(timezone=True), nullable=True))
        for what in ("answers", "calls"):
            op.add_column(
                "sms_sessions",
                sa.Column(f"{period}_{what}", sa.Integer(), nullable=False, server_default="0"),
            )
    op.create_table(
        "sms_spending",
        sa.Column("channel_id", BIG, nullable=False, autoincrement=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("day_segments", sa.Integer(), nullable=False),
        sa.Column("day_money", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("month_money", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["sms_channels.id"], name=op.f("fk_sms_spending_channel_id")),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_sms_spending")),
    )
    op.create_table(
        "sms_rates",
        sa.Column("channel_id", BIG, nullable=False, autoincrement=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("segment", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["sms_channels.id"], name=op.f("fk_sms_rates_channel_id")),
        sa.PrimaryKeyConstraint("channel_id", "country", name=op.f("pk_sms_rates")),
    )
    op.create_table(
        "sms_switches",
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sms_switches")),
    )
    _keep_busy_channels_going()


def _keep_busy_channels_going():
    channels = sa.table("sms_channels", sa.column("id"), *(sa.column(name) for name in DEFAULTS))
    connection = op.get_bind()
    for channel_id in connection.scalars(sa.select(channels.c.id)).all():
        busiest = {
            "answers_per_hour": _busiest(connection, channel_id, "hour", by_session=True),
            "answers_per_day": _busiest(connection, channel_id, "day", by_session=True),
            "segments_per_day": _busiest(connection, channel_id, "day", by_session=False),
        }
        higher = {
            name: min(AGAIN * busiest[name], most)
            for name, (default, most) in DEFAULTS.items()
            if AGAIN * busiest[name] > default
        }
        if higher:
            connection.execute(sa.update(channels).where(channels.c.id == channel_id).values(**higher))


def _busiest(connection, channel_id, period, *, by_session):
    messages = sa.table(
        "sms_messages",
        *(sa.column(name) for name in ("channel_id", "session_id", "direction", "segments")),
        sa.column("created_at", sa.DateTime(timezone=True)),
    )
    created = messages.c.created_at
    if connection.dialect.name == "sqlite":
        when = sa.func.substr(created, 1, 13 if period == "hour" else 10)
    else:
        when = sa.func.date_trunc(period, sa.func.timezone("UTC", created))
    counted = sa.func.count() if by_session else sa.func.sum(messages.c.segments)
    groups = (
        sa.select(counted.label("used"))
        .where(
            messages.c.channel_id == channel_id,
            messages.c.direction == "outbound",
            created >= datetime.now(UTC) - timedelta(days=30),
        )
        .group_by(when, *([messages.c.session_id] if by_session else []))
        .subquery()
    )
    return connection.scalar(sa.select(sa.func.max(groups.c.used))) or 0


def downgrade():
    for table in ("sms_switches", "sms_rates", "sms_spending"):
        op.drop_table(table)
    for period in ("hour", "day"):
        for column in ("calls", "answers", "from"):
            op.drop_column("sms_sessions", f"{period}_{column}")
    op.drop_column("sms_messages", "reserved")
    for column in (
        *("paused_by", "pause_reason", "paused_until", "paused_at", "resume_by_itself"),
        *("money_per_month", "money_per_day", *DEFAULTS),
    ):
        op.drop_column("sms_channels", column)
