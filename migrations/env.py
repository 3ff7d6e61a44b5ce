"""Alembic's environment: run by illumichat_sms_plugin.migrating with a connection in hand."""

from alembic import context

from illumichat_sms_plugin.models import Base, UtcDateTime

TABLES = frozenset(Base.metadata.tables)


def include_name(name, type_, parent_names):
    """Look at our own tables only; all others are the host's."""
    return type_ != "table" or name in TABLES


def render_item(type_, item, autogen_context):
    """Migrations import none of our code: our column type is a plain one there."""
    if type_ == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=context.config.attributes["version_table"],
    include_name=include_name,
    render_as_batch=True,
    render_item=render_item,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
