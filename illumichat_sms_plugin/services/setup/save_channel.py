"""Connect, change and disconnect a channel. Every change leaves an audit entry in the same transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.exc import IntegrityError

from illumichat_sms_plugin.choices import AnswerTo
from illumichat_sms_plugin.errors import Conflict, InvalidInput, NotFound
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import SmsChannel, db_now
from illumichat_sms_plugin.models.channel import is_connected
from illumichat_sms_plugin.models.database import insert_or_conflict, transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.runtime.host_call import host_call
from illumichat_sms_plugin.services import audit
from illumichat_sms_plugin.services.channel_secrets import SECRET_COLUMNS, secret_context
from illumichat_sms_plugin.services.channels import MAX_ID, forget_channel, is_fit_for_addresses
from illumichat_sms_plugin.services.further_numbers import forget_numbers
from illumichat_sms_plugin.services.host_ids import stored_id
from illumichat_sms_plugin.services.setup.channel_changes import ChannelChanges, check_changes
from illumichat_sms_plugin.services.setup.complete_credentials import complete_credentials
from illumichat_sms_plugin.services.setup.confirmation import after_asking, after_typing
from illumichat_sms_plugin.services.setup.ownership import Verdict
from illumichat_sms_plugin.services.texters.suppressions import ensure_pepper
from illumichat_sms_plugin.text.keywords import default_opt_out_words

CREDENTIALS = ("account_sid", "auth_token", "phone_number", "api_key_sid", "api_key_secret")
ENDS = ("next_auth_token_until", "token_verifies_until")
BESIDE_FOR = 86400.0
"""Seconds for which tokens verify webhooks beside a signing key, when an admin wants it."""
ODD_ID = (
    f"This assistant's id cannot stand in a webhook's address: it may have {MAX_ID} letters, digits and -._~!$&'()*+,;=:@ "
    "and nothing else. See docs/host-contract.md, Ids."
)
NO_NUMBERS = say(
    "Enter at least one number, or choose something else under Whom to answer. As it is, no text "
    "would be answered."
)
STANDING = ("confirmed_at", "attention_code", "attention_at", "look_at")
NO_LOOKS: dict[str, Any] = {"looks": 0, "number_in_use": False}


class Outdated(Conflict):
    """Somebody else saved since the person looked."""

    def __init__(self) -> None:
        super().__init__(say("Somebody else saved in the meantime. Look at the new values and save again."))


class NumberTaken(Conflict):
    """The number belongs to another assistant; to which one is not disclosed."""

    def __init__(self) -> None:
        super().__init__(
            say("This number is already in use. Disconnect it where it is used first, or take another one.")
        )


def save_channel(
    runtime: Runtime,
    assistant_id: str,
    changes: ChannelChanges,
    *,
    by: Person,
    seen_version: int | None = None,
    verdict: Verdict | None = None,
) -> int:
    """Save ``changes`` in one transaction and return the channel's version; Twilio is not asked.

    Unchanged values are ignored: they make no new version and no audit entry.

    ``verdict`` is what Twilio said of account, token and number as they will be. Without its yes, what is newly
    entered makes the channel a draft, which housekeeping asks about.

    ``seen_version`` is the version the person was looking at (0 for a channel that was not there):
    Outdated when it has changed since; None saves over whatever is there. NumberTaken when the number
    is confirmed and belongs to another assistant. InvalidInput names every field that cannot be used.
    """
    if not is_fit_for_addresses(assistant_id):
        raise InvalidInput(ODD_ID)
    with host_call():
        assistant = runtime.host.assistants.find(assistant_id)
        if assistant is None:
            raise NotFound(say("There is no such assistant."))
        workspace_id = stored_id(assistant.workspace.id, "a workspace")
    values = check_changes(changes)
    try:
        with transaction() as connection:
            row = _ensure_row(connection, assistant_id, workspace_id, seen_version)
            complete(row, values)
            version = _write(connection, runtime, row, values, by=by, verdict=verdict)
    except IntegrityError:
        raise NumberTaken from None
    forget_channel(runtime, assistant_id)
    return version


def disconnect(runtime: Runtime, assistant_id: str, *, by: Person, seen_version: int | None = None) -> None:
    """Forget credentials and number and keep options, sessions and messages.

    NotFound when nothing is connected, Outdated as in :func:`save_channel`.
    """
    with transaction() as connection:
        row = lock_row(connection, assistant_id)
        if row is None or not (row.account_sid or row.phone_number):
            raise NotFound(say("SMS is not connected for this assistant."))
        if seen_version not in (None, row.version):
            raise Outdated
        emptied = dict.fromkeys((*CREDENTIALS, *SECRET_COLUMNS, *ENDS, *STANDING)) | NO_LOOKS
        _update(connection, row, emptied)
        forget_numbers(connection, row.id)
        old = [audit.changed(name, getattr(row, name), None) for name in ("account_sid", "phone_number")]
        audit.record(connection, row.id, by, "disconnected", old)
    forget_channel(runtime, assistant_id)


def lock_row(connection: Connection, assistant_id: str) -> Row[Any] | None:
    """The channel's row, locked until the end of the transaction, or None."""
    verifies = (SmsChannel.token_verifies_until > db_now()).label("token_verifies")
    return connection.execute(
        select(SmsChannel.__table__, verifies)
        .where(SmsChannel.assistant_id == assistant_id)
        .with_for_update(key_share=True)
    ).first()


def _ensure_row(
    connection: Connection, assistant_id: str, workspace_id: str, seen_version: int | None
) -> Row[Any]:
    """The channel's row, locked; created when it is not there."""
    created = connection.execute(
        insert_or_conflict(connection, SmsChannel)
        .values(assistant_id=assistant_id, workspace_id=workspace_id)
        .on_conflict_do_nothing(index_elements=[SmsChannel.assistant_id])
        .returning(SmsChannel.id)
    ).first()
    row = lock_row(connection, assistant_id)
    if row is None:
        raise Outdated  # deleted with its workspace between the two statements
    current = 0 if created is not None else row.version
    if seen_version is not None and seen_version != current:
        raise Outdated
    return row


def complete(row: Any, values: dict[str, Any]) -> None:
    """Refuse a channel that would be half connected or answer nobody, with InvalidInput, and add what follows from ``values``.

    An empty secret keeps the stored one. ``row`` is the channel as it is stored.
    """
    complete_credentials(row, values)
    _refuse_to_answer_nobody(row, values)
    if not values.get("signing_key", row.signing_key):
        values.pop("token_verifies", None)  # there is nothing to verify beside of
    if row.phone_number is None and values.get("phone_number") and "opt_out_words" not in values:
        words = default_opt_out_words(values["phone_number"])
        values["opt_out_words"] = row.opt_out_words or "\n".join(words)


def _refuse_to_answer_nobody(row: Any, values: dict[str, Any]) -> None:
    """A choice of numbers needs one. A channel that is stored so may have its other options saved."""
    names = "answer_to", "only_numbers"
    answer_to, numbers = (values.get(name, getattr(row, name)) for name in names)
    changes = any(name in values and values[name] != getattr(row, name) for name in names)
    if changes and answer_to in (AnswerTo.LISTED, AnswerTo.TRIAL) and not numbers:
        raise InvalidInput(say("The channel would answer no text."), {"only_numbers": NO_NUMBERS})


def _write(
    connection: Connection,
    runtime: Runtime,
    row: Row[Any],
    values: dict[str, Any],
    *,
    by: Person,
    verdict: Verdict | None,
) -> int:
    changes = _audited(row, values)
    entered = {change["field"] for change in changes} & {*CREDENTIALS}
    known = after_typing(verdict) if entered else _newly_known(row, verdict)
    if not changes:
        if known:
            connection.execute(update(SmsChannel).where(SmsChannel.id == row.id).values(**known))
        return int(row.version)
    values |= _ends(row, values)
    connecting = not row.phone_number and values.get("phone_number")
    audit.record(connection, row.id, by, "connected" if connecting else "changed", changes)
    for column in SECRET_COLUMNS:
        if values.get(column):
            context = secret_context(row.assistant_id, column)
            values[column] = runtime.secrets.encrypt(values[column], context=context)
        elif column in values:
            values[column] = None
    values |= known
    if entered:
        values["catch_up_at"] = None  # texts that were refused meanwhile are fetched at once
    if any(name in values and values[name] != getattr(row, name) for name in ("account_sid", "phone_number")):
        values["connected_at"] = db_now()
    if values.get("account_sid", row.account_sid) != row.account_sid:
        forget_numbers(connection, row.id)
    ensure_pepper(connection, runtime, row.id)
    return _update(connection, row, values)


def _ends(row: Row[Any], values: dict[str, Any]) -> dict[str, Any]:
    """When tokens stop verifying, as far as ``values`` change it; takes the switch out of them."""
    ends: dict[str, Any] = {}
    if "next_auth_token" in values:
        ends["next_auth_token_until"] = None
    beside = values.pop("token_verifies", None)
    if not values.get("signing_key", row.signing_key):
        beside = False
    if beside is not None and beside != bool(row.token_verifies):
        ends["token_verifies_until"] = db_now(BESIDE_FOR) if beside else None
    return ends


def _newly_known(row: Row[Any], verdict: Verdict | None) -> dict[str, Any]:
    """What Twilio said of credentials that stay as they are."""
    if verdict is None or not is_connected(row):
        return {}
    return after_asking(verdict, is_confirmed=row.confirmed_at is not None)


def _audited(row: Row[Any], values: dict[str, Any]) -> list[dict[str, Any]]:
    """What is really changing; of a secret only that it is."""
    changes = []
    for name, new in values.items():
        old = getattr(row, name)
        if name in SECRET_COLUMNS:
            if old or new:
                changes.append(audit.changed_secret(name))
        elif (bool(old) if isinstance(new, bool) else old) != new:
            changes.append(audit.changed(name, old, new))
    return changes


def _update(connection: Connection, row: Row[Any], values: dict[str, Any]) -> int:
    version = connection.execute(
        update(SmsChannel)
        .where(SmsChannel.id == row.id)
        .values(version=SmsChannel.version + 1, **values)
        .returning(SmsChannel.version)
    ).scalar_one()
    return int(version)
