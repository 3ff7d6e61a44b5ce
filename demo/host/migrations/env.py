"""The environment of the host's migrations, run by ``flask db …``."""

import logging
from logging.config import fileConfig

from alembic import context
from flask import current_app

from demo.host.models import UtcDateTime

config = context.config
if not logging.getLogger().handlers:
    fileConfig(config.config_file_name, disable_existing_loggers=False)

extension = current_app.extensions["migrate"]


def render_item(kind, item, _autogen):
    """Migrations import none of our code: our column type is a plain one there."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def drop_empty(_context, _revision, directives):
    """Write no migration when nothing has changed."""
    if getattr(config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


with extension.db.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=extension.db.metadata,
        render_item=render_item,
        process_revision_directives=drop_empty,
        **extension.configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
