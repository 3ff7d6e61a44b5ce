"""When a replaced token and a token beside a signing key stop verifying; API keys.

A token that was replaced before this, and a token that is stored beside a signing key, verify for another day, so
that whoever is in the middle of a change finishes it.

Revision ID: 0014
Revises: 0013
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

channels = sa.table(
    "sms_channels",
    sa.column("id", sa.BigInteger),
    sa.column("next_auth_token", sa.Text),
    sa.column("signing_key", sa.Text),
    sa.column("next_auth_token_until", sa.DateTime(timezone=True)),
    sa.column("token_verifies_until", sa.DateTime(timezone=True)),
)
audit = sa.table(
    "sms_audit_entries",
    sa.column("id", sa.BigInteger),
    sa.column("channel_id", sa.BigInteger),
    sa.column("action", sa.String),
)


def upgrade():
    for column in ("next_auth_token_until", "token_verifies_until"):
        op.add_column("sms_channels", sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    op.add_column("sms_channels", sa.Column("api_key_sid", sa.String(34), nullable=True))
    op.add_column("sms_channels", sa.Column("api_key_secret", sa.Text(), nullable=True))
    until = datetime.now(UTC) + timedelta(days=1)
    newest = (
        sa.select(audit.c.action)
        .where(
            audit.c.channel_id == channels.c.id,
            audit.c.action.in_(["token_added", "token_swapped", "token_dropped"]),
        )
        .order_by(audit.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    op.execute(
        channels.update()
        .where(channels.c.next_auth_token.is_not(None), newest == "token_swapped")
        .values(next_auth_token_until=until)
    )
    op.execute(
        channels.update().where(channels.c.signing_key.is_not(None)).values(token_verifies_until=until)
    )


def downgrade():
    for column in ("api_key_secret", "api_key_sid", "token_verifies_until", "next_auth_token_until"):
        op.drop_column("sms_channels", column)
