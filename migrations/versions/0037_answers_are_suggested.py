"""The assistant may suggest its answers to a person who sends them.

Revision ID: 0037
Revises: 0036
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE, SESSIONS = "sms_suggestions", "sms_sessions"
WAITING = sa.text("outcome IS NULL")
OF_PEOPLE = "ix_sms_sessions_person"


def upgrade():
    op.create_table(
        TABLE,
        sa.Column("id", Id, primary_key=True),
        sa.Column("channel_id", Id, sa.ForeignKey("sms_channels.id"), nullable=False),
        sa.Column("session_id", Id, sa.ForeignKey("sms_sessions.id"), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("rest", sa.Text(), nullable=False, server_default=""),
        sa.Column("introduces", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("newest_id", Id, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=True),
        sa.Column("why", sa.String(12), nullable=True),
        sa.Column("by_id", sa.String(128), nullable=True),
        sa.Column("by_name", sa.String(200), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_text_id", Id, sa.ForeignKey("sms_person_texts.id"), nullable=True),
        sa.UniqueConstraint("person_text_id"),
    )
    op.create_index("ix_sms_suggestions_of_session", TABLE, ["session_id", "id"])
    for name, column, unique in (
        ("ix_sms_suggestions_old", "created_at", False),
        ("uq_sms_suggestions_waiting", "session_id", True),
    ):
        op.create_index(name, TABLE, [column], unique=unique, postgresql_where=WAITING, sqlite_where=WAITING)
    op.add_column(
        "sms_channels",
        sa.Column("suggest_answers", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column(SESSIONS, sa.Column("suggested_at", sa.DateTime(timezone=True), nullable=True))
    _of_people("person_since IS NOT NULL OR suggested_at IS NOT NULL")


def downgrade():
    _of_people("person_since IS NOT NULL")
    op.drop_column(SESSIONS, "suggested_at")
    op.drop_column("sms_channels", "suggest_answers")
    op.drop_table(TABLE)


def _of_people(condition):
    op.drop_index(OF_PEOPLE, table_name=SESSIONS)
    op.create_index(
        OF_PEOPLE,
        SESSIONS,
        ["channel_id", "last_message_at", "id"],
        postgresql_where=sa.text(condition),
        sqlite_where=sa.text(condition),
    )
