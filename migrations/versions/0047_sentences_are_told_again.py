"""Why a webhook was refused, and by what a machine was known, can be said in another language than English.

Revision ID: 0047
Revises: 0046
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

NEW = {"sms_rejections": "said", "sms_sessions": "machine_said"}


def upgrade():
    for table, column in NEW.items():
        op.add_column(table, sa.Column(column, sa.JSON(), nullable=True))


def downgrade():
    for table, column in NEW.items():
        op.drop_column(table, column)
