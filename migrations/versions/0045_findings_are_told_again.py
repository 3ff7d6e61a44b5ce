"""What the Doctor found can be said in another language than English.

Revision ID: 0045
Revises: 0044
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

TABLE = "sms_doctor_results"


def upgrade():
    op.add_column(TABLE, sa.Column("said", sa.JSON(), nullable=True))


def downgrade():
    op.drop_column(TABLE, "said")
