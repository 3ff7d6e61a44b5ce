"""A person's text may go out with a picture.

Revision ID: 0041
Revises: 0040
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("sms_person_texts", sa.Column("media_url", sa.String(1000), nullable=True))


def downgrade():
    op.drop_column("sms_person_texts", "media_url")
