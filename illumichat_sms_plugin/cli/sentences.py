"""Our own errors as sentences on the command line."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import click
from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError

from illumichat_sms_plugin.errors import SmsError, StartRefused
from illumichat_sms_plugin.models import SmsChannel
from illumichat_sms_plugin.models.which_database import chosen, engine


def says_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Show our own errors as a sentence instead of a traceback."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except SmsError as error:
            details = "".join(f"\n  {name}: {text}" for name, text in getattr(error, "fields", {}).items())
            raise click.ClickException(f"{error}{details}") from None

    return run


def needs_tables(command: Callable[..., None]) -> Callable[..., None]:
    """The same, and one for who has not made the tables yet. A database that does not answer is the command's to meet."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        with suppress(SQLAlchemyError):
            if not inspect(engine()).has_table(SmsChannel.__tablename__, schema=chosen().schema or None):
                raise StartRefused("The plugin's tables are missing: run `flask sms upgrade` first.")
        command(*args, **kwargs)

    return says_errors(run)
