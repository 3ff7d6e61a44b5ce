"""People can speak in a chat in the assistant's place.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NAME = "ck_chat_messages_known_role"


def upgrade():
    with op.batch_alter_table("chat_messages") as table:
        table.drop_constraint(op.f(NAME), type_="check")
        table.create_check_constraint(op.f(NAME), "role IN ('user', 'assistant', 'note', 'person')")
        table.add_column(sa.Column("author", sa.String(200), nullable=True))


def downgrade():
    op.execute("UPDATE chat_messages SET role = 'assistant' WHERE role = 'person'")
    with op.batch_alter_table("chat_messages") as table:
        table.drop_column("author")
        table.drop_constraint(op.f(NAME), type_="check")
        table.create_check_constraint(op.f(NAME), "role IN ('user', 'assistant', 'note')")
