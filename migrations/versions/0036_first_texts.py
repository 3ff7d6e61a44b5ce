"""The host can text somebody first who has agreed to it.

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

TEXTS, CONSENT = "sms_person_texts", "sms_consent_events"
FIRST = sa.text("is_first")


def upgrade():
    op.add_column(TEXTS, sa.Column("is_first", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "uq_sms_person_texts_first",
        TEXTS,
        ["channel_id", "key"],
        unique=True,
        postgresql_where=FIRST,
        sqlite_where=FIRST,
    )
    op.add_column(CONSENT, sa.Column("agreed_to", sa.String(200), nullable=True))
    op.add_column(CONSENT, sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(CONSENT, sa.Column("agreed_how", sa.String(200), nullable=True))


def downgrade():
    for column in ("agreed_how", "agreed_at", "agreed_to"):
        op.drop_column(CONSENT, column)
    op.drop_index("uq_sms_person_texts_first", table_name=TEXTS)
    op.drop_column(TEXTS, "is_first")
