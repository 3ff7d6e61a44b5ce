"""Which channel and which texter a command is about, as an operator names them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from illumichat_sms_plugin.cli.sentences import needs_tables
from illumichat_sms_plugin.errors import InvalidInput, NotFound
from illumichat_sms_plugin.models import SmsChannel, SmsSession
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.phone_number import mask, to_e164
from illumichat_sms_plugin.services.channels import find_channel_id, is_possible_id
from illumichat_sms_plugin.services.sessions.session_view import Viewer

NAMED = 10
"""Assistants that a sentence names."""
numbers_option = click.option("--numbers", is_flag=True, help="Show whole phone numbers.")


def says_outages(command: Callable[..., None]) -> Callable[..., None]:
    """Say in a sentence what went wrong: our own errors, tables that are missing, a database that does not answer."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            needs_tables(command)(*args, **kwargs)
        except SQLAlchemyError as error:
            raise click.ClickException(
                f"The database did not do what was asked ({type(error).__name__}). Is it running, and does "
                "SQLALCHEMY_DATABASE_URI lead to it?"
            ) from None

    return run


def channel_of(assistant_id: str) -> int:
    """The channel's id; NotFound names the assistants that have one."""
    found = find_channel_id(assistant_id) if is_possible_id(assistant_id) else None
    if found is None:
        with transaction() as connection:
            query = select(SmsChannel.assistant_id).order_by(SmsChannel.id).limit(NAMED + 1)
            names = list(connection.scalars(query))
        those = ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
        raise NotFound(
            f"{assistant_id} has no SMS channel. " + (f"These have one: {those}." if names else "Nobody has.")
        )
    return found


def operators_view(channel_id: int) -> Viewer:
    """An operator sees what an owner sees; commands mask what they print."""
    with transaction() as connection:
        workspace = connection.scalar(select(SmsChannel.workspace_id).where(SmsChannel.id == channel_id))
    return Viewer(workspace or "", full=True)


def session_of(channel_id: int, who: str) -> int:
    """The session that ``who`` names, by its id or by the texter's number with + and country code."""
    of_channel = SmsSession.channel_id == channel_id
    if who.isascii() and who.isdecimal() and len(who) <= 9:
        wanted = select(SmsSession.id).where(of_channel, SmsSession.id == int(who))
        shown = f"session {who}"
    elif who.startswith("+"):
        number = to_e164(who)
        wanted = select(SmsSession.id).where(of_channel, SmsSession.phone_number == number)
        shown = mask(number)
    else:
        raise InvalidInput("Name the texter by a number with + and country code, or by the session's id.")
    with transaction() as connection:
        found = connection.scalar(wanted)
    if found is None:
        raise NotFound(f"There is no {shown} here. `flask sms sessions` lists what there is.")
    return found


def as_shown(number: str, *, numbers: bool) -> str:
    """The number, masked unless it was asked for."""
    return number if numbers else mask(number)
