"""``flask sms send``, ``erase`` and ``export``: what an operator does about one texter."""

from __future__ import annotations

import secrets
from typing import IO

import click
from flask.cli import with_appcontext

from illumichat_sms_plugin.blueprints.api.export import as_json
from illumichat_sms_plugin.blueprints.pages.export import as_html
from illumichat_sms_plugin.cli.whom import channel_of, operators_view, says_outages, session_of
from illumichat_sms_plugin.errors import NotFound
from illumichat_sms_plugin.host import Assistant, Person
from illumichat_sms_plugin.in_words import count
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.people.send_text import Refused, send_text
from illumichat_sms_plugin.services.sessions import session_actions
from illumichat_sms_plugin.services.sessions.export_texter import export_texter
from illumichat_sms_plugin.services.setup.lost_number import OPERATOR_ID
from illumichat_sms_plugin.services.texters.erased_words import in_words


@click.command("send")
@click.argument("assistant_id")
@click.argument("who")
@click.argument("text")
@click.option("--name", default="Operator", show_default=True, help="Under which name it stands in the chat.")
@click.option("--key", default="", help="Your name for the text: the same one sends nothing again.")
@with_appcontext
@says_outages
def send(assistant_id: str, who: str, text: str, name: str, key: str) -> None:
    """Send TEXT to a texter as a person, and take the session over from the assistant by that.

    WHO is the texter's number with + and country code, or the session's id. Nobody is texted first here: the
    texter must have written.
    """
    session = session_of(channel_of(assistant_id), who)
    by = Person(OPERATOR_ID, name)
    sent = send_text(current_runtime(), session, text, by=by, key=key or secrets.token_hex(16))
    if isinstance(sent, Refused):
        raise click.ClickException(sent.sentence)
    click.echo(
        f"Kept as text {sent.id}; a worker sends it. The assistant is silent in session {session} until"
    )
    click.echo("somebody hands it back on its page.")


@click.command("erase")
@click.argument("assistant_id")
@click.argument("who")
@click.confirmation_option(
    prompt="The session, its texts and its record of consent are deleted for good. Go on?"
)
@with_appcontext
@says_outages
def erase(assistant_id: str, who: str) -> None:
    """Erase one texter: here at once, at Twilio in the next minutes. An opt-out stays, without the number.

    WHO is the texter's number with + and country code, or the session's id.
    """
    channel_id = channel_of(assistant_id)
    by = Person(OPERATOR_ID, "flask sms erase")
    erased = session_actions.erase(current_runtime(), channel_id, session_of(channel_id, who), by=by)
    click.echo(
        f"The texter is erased with {count(erased.texts, 'text')}. {in_words(erased.at_host)}".rstrip()
    )


@click.command("export")
@click.argument("assistant_id")
@click.argument("who")
@click.option("--html", is_flag=True, help="A page to read, in place of JSON.")
@click.option(
    "--output",
    type=click.File("w", encoding="utf-8", lazy=True),
    default="-",
    help="A file, in place of the terminal.",
)
@with_appcontext
@says_outages
def export(assistant_id: str, who: str, output: IO[str], *, html: bool) -> None:
    """Export all that is stored of one texter, with whole numbers: texts, consent, and what people did.

    Attached files are named; the session's page and the API have them.
    WHO is the texter's number with + and country code, or the session's id. The audit says that it was exported.
    """
    channel_id = channel_of(assistant_id)
    session = session_of(channel_id, who)
    by = Person(OPERATOR_ID, "flask sms export")
    assistant = _assistant(assistant_id) if html else None
    found = export_texter(current_runtime(), channel_id, session, operators_view(channel_id), by=by)
    for piece in as_html(found, assistant) if assistant else as_json(found):
        output.write(piece)


def _assistant(assistant_id: str) -> Assistant:
    found = current_runtime().host.assistants.find(assistant_id)
    if found is None:
        raise NotFound(f"The host has no assistant {assistant_id} any more; leave --html away.")
    return found
