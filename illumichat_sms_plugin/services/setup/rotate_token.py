"""Change the Auth Token without losing a text.

Twilio has a primary and a secondary token. Both may call its API, but only the primary one signs
webhooks, until the secondary one is promoted and takes its place at once. So while the change is
under way the channel knows both: either verifies a webhook, the main one sends.
https://www.twilio.com/docs/iam/api/authtoken
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, update

from illumichat_sms_plugin.errors import Conflict, InvalidInput, NotFound, TwilioRefused
from illumichat_sms_plugin.host import Assistant, Person
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import SmsChannel, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services import audit
from illumichat_sms_plugin.services.channel_secrets import secret_context
from illumichat_sms_plugin.services.channels import forget_channel
from illumichat_sms_plugin.services.setup.channel_changes import check_token
from illumichat_sms_plugin.services.setup.channel_settings import read_secret
from illumichat_sms_plugin.services.setup.credential_budget import spend_try
from illumichat_sms_plugin.services.setup.save_channel import Outdated, lock_row
from illumichat_sms_plugin.twilio_gateway.lookup import account
from illumichat_sms_plugin.twilio_gateway.values import Credentials

REFUSED = say(
    "Twilio does not accept this token for the account. Copy the secondary token again from the Twilio "
    "Console."
)
REPLACED_FOR = 86400.0
"""Seconds for which a token that was replaced goes on verifying webhooks."""
NO_SECOND = say("There is no second token.")
NOT_CONNECTED = say("SMS is not connected for this assistant.")


def add_next_token(runtime: Runtime, assistant: Assistant, token: Secret, *, by: Person) -> None:
    """Keep ``token`` beside the main one after Twilio has accepted it; from now on both verify.

    InvalidInput when it does not, RateLimited when credentials were tried too often, TwilioError, NotFound.
    """
    try:
        token = check_token(token)
        if not token:
            raise InvalidInput(say("Enter the secondary Auth Token."))
    except InvalidInput as error:
        raise InvalidInput(say("The token was not saved."), {"next_auth_token": str(error)}) from None
    stored = read_secret(runtime, assistant.id, "auth_token")
    if stored.account_sid is None:
        raise NotFound(NOT_CONNECTED)
    spend_try(by, assistant.workspace.id)
    if token == stored.value:
        sentence = say("This is the token that is stored already. Enter the other one.")
        raise InvalidInput(say("The token was not saved."), {"next_auth_token": sentence})
    _ask_twilio(runtime, stored.account_sid, token)
    _change(
        runtime,
        assistant.id,
        by,
        "token_added",
        tokens={"next_auth_token": token},
        seen_version=stored.version,
    )


def swap_tokens(
    runtime: Runtime, assistant: Assistant, *, by: Person, seen_version: int | None = None
) -> None:
    """Make the second token the main one, with which texts are sent; the old one goes on verifying for 24 hours.

    Outdated when the channel is not at ``seen_version`` any more, else as :func:`add_next_token`.
    """
    main = read_secret(runtime, assistant.id, "auth_token")
    second = read_secret(runtime, assistant.id, "next_auth_token")
    if second.account_sid is None or second.value is None:
        raise Conflict(NO_SECOND)
    if seen_version not in (None, second.version):
        raise Outdated
    spend_try(by, assistant.workspace.id)
    _ask_twilio(runtime, second.account_sid, second.value)
    tokens = {"auth_token": second.value, "next_auth_token": main.value}
    _change(runtime, assistant.id, by, "token_swapped", tokens=tokens, seen_version=second.version)


def drop_second_token(
    runtime: Runtime, assistant: Assistant, *, by: Person, seen_version: int | None = None
) -> None:
    """Forget the token that is not the main one; what it signed is refused from now on.

    Outdated when the channel is not at ``seen_version`` any more.
    """
    second = read_secret(runtime, assistant.id, "next_auth_token")
    _change(
        runtime,
        assistant.id,
        by,
        "token_dropped",
        tokens={"next_auth_token": None},
        seen_version=second.version if seen_version is None else seen_version,
    )


def _ask_twilio(runtime: Runtime, account_sid: str, token: Secret) -> None:
    try:
        account(runtime.twilio.get(Credentials(account_sid, token)))
    except TwilioRefused as error:
        if error.refused_for_good:
            raise InvalidInput(REFUSED, {"next_auth_token": REFUSED}) from None
        raise


def _change(
    runtime: Runtime,
    assistant_id: str,
    by: Person,
    action: str,
    *,
    tokens: dict[str, Secret | None],
    seen_version: int,
) -> None:
    with transaction() as connection:
        row = lock_row(connection, assistant_id)
        if row is None or not row.auth_token:
            raise NotFound(NOT_CONNECTED)
        if row.version != seen_version:
            raise Outdated
        if action != "token_added" and not row.next_auth_token:
            raise Conflict(NO_SECOND)
        _write(connection, runtime, row, tokens)
        audit.record(connection, row.id, by, action)
    forget_channel(runtime, assistant_id)


def _write(connection: Connection, runtime: Runtime, row: Row[Any], tokens: dict[str, Secret | None]) -> None:
    # The token that was the main one until now ends by itself; one that has yet to be it does not.
    until = db_now(REPLACED_FOR) if "auth_token" in tokens else None
    values: dict[str, Any] = {"version": SmsChannel.version + 1, "next_auth_token_until": until}
    for column, token in tokens.items():
        context = secret_context(row.assistant_id, column)
        values[column] = runtime.secrets.encrypt(token, context=context) if token else None
    if "auth_token" in tokens:
        values |= {"attention_code": None, "attention_at": None, "looks": 0, "look_at": db_now()}
    connection.execute(update(SmsChannel).where(SmsChannel.id == row.id).values(**values))
