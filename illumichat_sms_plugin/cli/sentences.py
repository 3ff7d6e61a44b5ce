"""Our own errors as sentences on the command line."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from illumichat_sms_plugin.errors import SmsError


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
