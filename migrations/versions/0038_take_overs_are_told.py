"""The texter may be told that a person has taken over.

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

CHANNELS, TEXTS = "sms_channels", "sms_person_texts"


def upgrade():
    op.add_column(
        CHANNELS, sa.Column("tell_of_take_over", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column(CHANNELS, sa.Column("take_over_text", sa.Text(), nullable=True))
    op.add_column(TEXTS, sa.Column("announces", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade():
    op.drop_column(TEXTS, "announces")
    op.drop_column(CHANNELS, "take_over_text")
    op.drop_column(CHANNELS, "tell_of_take_over")
