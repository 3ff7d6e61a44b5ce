"""``flask sms …``: what an operator needs."""

from __future__ import annotations

import logging
import os
import signal
import threading

import click
from flask import current_app
from flask.cli import AppGroup

from illumichat_sms_plugin import encryption
from illumichat_sms_plugin.cli import texters
from illumichat_sms_plugin.cli.check_host import check_host
from illumichat_sms_plugin.cli.doctor import doctor
from illumichat_sms_plugin.cli.erase import erase, forget
from illumichat_sms_plugin.cli.lists import opt_outs, sessions
from illumichat_sms_plugin.cli.options import options
from illumichat_sms_plugin.cli.pause import pause, resume
from illumichat_sms_plugin.cli.recount import recount
from illumichat_sms_plugin.cli.sentences import needs_tables, says_errors
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.models.database import most_connections
from illumichat_sms_plugin.models.which_database import engine
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services import housekeeping as housekeeping_service
from illumichat_sms_plugin.services.rotate_keys import rotate_keys
from illumichat_sms_plugin.services.setup.ask_and_save import connect_as_operator
from illumichat_sms_plugin.services.setup.channel_changes import ChannelChanges
from illumichat_sms_plugin.services.setup.lost_number import OPERATOR_ID
from illumichat_sms_plugin.services.setup.ownership import Asked
from illumichat_sms_plugin.services.setup.release_number import release
from illumichat_sms_plugin.services.setup.webhook_setup import webhook_urls
from illumichat_sms_plugin.text.expense import expense_of

logger = logging.getLogger("illumichat_sms.cli")

sms_commands = AppGroup("sms", help="The SMS channel.")
sms_commands.add_command(recount)
sms_commands.add_command(options)
sms_commands.add_command(check_host)
sms_commands.add_command(erase)
sms_commands.add_command(forget)
sms_commands.add_command(pause)
sms_commands.add_command(resume)
for command in (doctor, sessions, opt_outs, texters.send, texters.erase, texters.export):
    sms_commands.add_command(command)

OPERATOR = Person(OPERATOR_ID, "flask sms connect")
RELEASER = Person(OPERATOR_ID, "flask sms release-number")
"""Who the audit names for a change made on the command line."""
CONNECTED = {
    Asked.OWNED: "{assistant} is connected to {number}.",
    Asked.REFUSED: "Saved as a draft: Twilio refuses these credentials or {number}. {assistant} takes no texts until "
    "Twilio accepts them; its SMS page says what to do.",
    Asked.NO_ANSWER: "Saved as a draft: Twilio could not be asked. Housekeeping asks within a minute, and {assistant} "
    "takes the texts to {number} from then on.",
}
TOKEN_VARIABLE = "SMS_CONNECT_AUTH_TOKEN"  # noqa: S105 - a name, not a secret
KEY_VARIABLE = "SMS_CONNECT_API_KEY_SECRET"
SIGNING_VARIABLE = "SMS_CONNECT_SIGNING_KEY"


@sms_commands.command()
@click.option("--revision", default="head", show_default=True)
@says_errors
def upgrade(revision: str) -> None:
    """Create or update the plugin's tables."""
    from illumichat_sms_plugin import migrating  # brings Alembic, which no other process needs

    schema = current_runtime().settings.database_schema
    migrating.upgrade(engine(), revision, schema=schema)
    click.echo(f"SMS tables are at {migrating.current_revision(engine(), schema=schema)}.")


@sms_commands.command()
@click.argument("revision")
@click.confirmation_option(prompt="Going down deletes data of the SMS channel. Go on?")
@says_errors
def downgrade(revision: str) -> None:
    """Take the plugin's tables down; REVISION "base" removes them all."""
    from illumichat_sms_plugin import migrating

    schema = current_runtime().settings.database_schema
    migrating.downgrade(engine(), revision, schema=schema)
    click.echo(f"SMS tables are at {migrating.current_revision(engine(), schema=schema) or 'nothing'}.")


@sms_commands.command()
@click.option("--concurrency", type=click.IntRange(1, 256), help="Conversations answered at once.")
@needs_tables
def worker(concurrency: int | None) -> None:
    """Answer texts until SIGTERM; what runs is finished."""
    from illumichat_sms_plugin.job_queue.worker import refuse_cluster, run_worker

    _log_to_terminal()
    refuse_cluster(current_runtime().queue)
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # threads need the app itself
    runtime = current_runtime()
    runtime.twilio.load()
    run_worker(app, runtime.queue, _within_the_pool(concurrency or runtime.settings.worker_concurrency))


def _within_the_pool(wanted: int) -> int:
    """Every conversation may need a connection at the same moment; those left without one would answer nobody."""
    most = most_connections()
    if most is None or wanted <= most:
        return wanted
    logger.warning(
        "%s conversations at once are too many for a pool of %s database connections: answering up to %s. "
        "For more, raise pool_size or max_overflow of the host's engine.",
        wanted,
        most,
        most,
    )
    return most


@sms_commands.command()
@click.option("--once", is_flag=True, help="Do everything once and stop, for a cron job.")
@needs_tables
def housekeeping(once: bool) -> None:
    """Re-enqueue what was lost, settle what is in doubt, fetch what was missed."""
    _log_to_terminal()
    if once:
        for name, found in housekeeping_service.run_once(current_runtime()).items():
            click.echo(f"{name}: {found}")
        return
    stopping = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stopping.set())
    housekeeping_service.run_until(current_runtime(), stopping)


@sms_commands.command("segments")
@click.argument("text")
def show_segments(text: str) -> None:
    """Count TEXT as Twilio bills it, and name the characters that make it expensive."""
    expense = expense_of(text)
    click.echo(f"{expense.segments} segment(s), {expense.encoding}, {expense.units} units")
    for costly in expense.costly:
        times = f", {costly.times} times" if costly.times > 1 else ""
        click.echo(f"  character {costly.first}: {costly.character!r} is not in GSM-7 ({costly.name}{times})")
    if expense.more:
        click.echo(f"  and {expense.more} other characters that are not in GSM-7")


@sms_commands.command("rotate-keys")
@needs_tables
def rotate_stored_secrets() -> None:
    """Put every stored secret under the first key of SMS_ENCRYPTION_KEYS; may be repeated and interrupted."""
    done = rotate_keys(current_runtime())
    click.echo(f"{done.rewritten} secret(s) put under the newest key, {done.current} were already.")
    for assistant_id, column in done.unreadable:
        click.echo(f"{assistant_id}: no configured key reads {column}; enter it again.", err=True)
    if done.unreadable:
        raise click.exceptions.Exit(1)


@sms_commands.command("generate-key")
def generate_key() -> None:
    """Print a new key for SMS_ENCRYPTION_KEYS."""
    click.echo(encryption.generate_key())


@sms_commands.command()
@click.argument("assistant_id")
@click.option("--account-sid", required=True)
@click.option("--phone-number", required=True)
@click.option("--api-key-sid", help="An API key (SK…) to send the texts with; its secret is asked for.")
@click.option("--signing-key", is_flag=True, help="Ask for Twilio's SharedKey instead of the Auth Token.")
@needs_tables
def connect(
    assistant_id: str, account_sid: str, phone_number: str, api_key_sid: str | None, signing_key: bool
) -> None:
    """Connect an assistant to a Twilio number; secrets are asked for, or taken from the environment.

    The variables are SMS_CONNECT_AUTH_TOKEN, SMS_CONNECT_API_KEY_SECRET and SMS_CONNECT_SIGNING_KEY. Twilio is asked
    whether it fits; without its yes the channel is a draft, and housekeeping goes on asking.
    """
    changes = ChannelChanges(
        account_sid=account_sid,
        phone_number=phone_number,
        api_key_sid=api_key_sid,
        api_key_secret=_asked("API key's secret", KEY_VARIABLE) if api_key_sid else None,
        auth_token=None if signing_key else _asked("Auth Token", TOKEN_VARIABLE),
        signing_key=_asked("Webhook signing key", SIGNING_VARIABLE) if signing_key else None,
    )
    verdict = connect_as_operator(current_runtime(), assistant_id, changes, by=OPERATOR)
    urls = webhook_urls(current_runtime().settings, assistant_id)
    click.echo(CONNECTED[verdict.asked].format(assistant=assistant_id, number=phone_number))
    click.echo(f"Inbound webhook URL: {urls.inbound}")


def _asked(name: str, variable: str) -> Secret:
    """A secret from the environment, or from the person at the terminal."""
    return Secret(os.environ.get(variable) or click.prompt(name, hide_input=True))


@sms_commands.command("release-number")
@click.argument("phone_number")
@click.confirmation_option(prompt="Its assistant will answer no more texts. Go on?")
@needs_tables
def release_number(phone_number: str) -> None:
    """Disconnect whichever assistant holds PHONE_NUMBER, so that another may take it; history is kept."""
    assistant_id = release(current_runtime(), phone_number, by=RELEASER)
    click.echo(f"{assistant_id} is disconnected, and its number is free.")


def _log_to_terminal() -> None:
    """Worker and housekeeping are our own processes: say there what happens."""
    logger = logging.getLogger("illumichat_sms")
    if not logger.handlers and not logging.getLogger().handlers:
        logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)
