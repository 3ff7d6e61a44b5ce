"""Webhooks that we refused, and why their signature was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from illumichat_sms_plugin.in_words import ago, count
from illumichat_sms_plugin.languages.kept import restore
from illumichat_sms_plugin.languages.wording import joined, say
from illumichat_sms_plugin.models import SmsSession
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.services.doctor.examination import Examination
from illumichat_sms_plugin.services.findings import (
    SETTINGS,
    WEBHOOK,
    Action,
    Finding,
    ok,
    problem,
    unknown,
    warning,
)
from illumichat_sms_plugin.services.inbound.rejection_diagnosis import Reason
from illumichat_sms_plugin.services.inbound.rejections import flush_rejections, recent_rejections

SHOWN = 3
ADDRESS_FIX = say(
    "Set the webhook again, so that Twilio has exactly the address shown under Webhook Setup. If Twilio "
    "has it already, SMS_PUBLIC_URL is not the address that Twilio calls."
)
EXPLAINED: dict[str, tuple[str, str, Action | None]] = {
    Reason.SCHEME: (
        say("Twilio calls http where our address is https, or the other way round."),
        ADDRESS_FIX,
        WEBHOOK,
    ),
    Reason.HOST: (say("Twilio calls another host name than the one we know as ours."), ADDRESS_FIX, WEBHOOK),
    Reason.SLASH: (say("Twilio's address has a slash at the end, or ours has."), ADDRESS_FIX, WEBHOOK),
    Reason.PATH: (
        say("Twilio's address has another path; a proxy in between takes a part away or adds one."),
        ADDRESS_FIX,
        WEBHOOK,
    ),
    Reason.QUERY: (say("Twilio's address differs from ours after the question mark."), ADDRESS_FIX, WEBHOOK),
    Reason.OTHER_KEY: (
        say("Twilio signs with a token that is stored for another assistant of this workspace, not here."),
        say("Enter the account's present Auth Token here too."),
        SETTINGS,
    ),
    Reason.RETIRED_KEY: (
        say(
            "Twilio signs with a token that does not verify here any more: the webhook signing key that is "
            "stored takes its place, or it was replaced more than 24 hours ago."
        ),
        say(
            "If the account uses no SharedKey, remove the signing key. If you are just setting one up, let the "
            "Auth Token verify beside it for 24 hours."
        ),
        SETTINGS,
    ),
    Reason.ALGORITHM: (
        say(
            "The key is right, but stored in the wrong field: Auth Token and webhook signing key sign "
            "differently."
        ),
        say("Put the Auth Token and the webhook signing key each into its own field."),
        SETTINGS,
    ),
    Reason.NO_SIGNING_KEY: (
        say("Twilio signs with a webhook signing key (SharedKey), and none is stored here."),
        say("Enter the signing key of Twilio's webhook settings."),
        SETTINGS,
    ),
    Reason.WRONG_SIGNING_KEY: (
        say("Twilio signs with a webhook signing key, and the one stored here is not it."),
        say("Enter the present signing key of Twilio's webhook settings."),
        SETTINGS,
    ),
    Reason.OTHER_ACCOUNT: (
        say("The signature is right, but the request is about another account than the one stored here."),
        say("Enter the credentials of the account that owns the number; for a subaccount its own."),
        SETTINGS,
    ),
    Reason.DRAFT: (
        say("The channel was a draft: Twilio had not accepted its credentials yet."),
        say(
            "Nothing, once Twilio has accepted them: texts that were refused are fetched. Until then see what "
            "the page says."
        ),
        SETTINGS,
    ),
    Reason.OTHERS_NUMBER: (
        say(
            "The text was to the number of another channel, and the key that is stored there had not signed it."
        ),
        say(
            "In the Twilio Console, let each number call the webhook of its own assistant, and see that the "
            "channel of that number has the account's present Auth Token."
        ),
        None,
    ),
    Reason.NO_SIGNATURE: (
        say(
            "The request has no signature: it was not Twilio, or a proxy takes the header X-Twilio-Signature "
            "away."
        ),
        say(
            "If texts do not come in, let the proxy hand on that header. Otherwise it is only somebody "
            "trying."
        ),
        None,
    ),
    Reason.UNKNOWN: (
        say(
            "No address and no key that we know would have given this signature: either the Auth Token was "
            "changed at Twilio and the old one is stored here, or somebody forges requests."
        ),
        say(
            "If texts do not come in, press Test Credentials and enter the present Auth Token. Otherwise there "
            "is nothing to do: forgeries are refused."
        ),
        SETTINGS,
    ),
    Reason.NOT_EXAMINED: (
        say("They came so fast that only the first were looked at."),
        say("Look at the other reasons."),
        None,
    ),
}
MAYBE_FORGED = frozenset({Reason.UNKNOWN, Reason.NO_SIGNATURE, Reason.NOT_EXAMINED})


def refused_webhooks(exam: Examination) -> Finding:
    """What was refused within the week, the newest first."""
    if exam.settings.id is None:
        return unknown(say("No webhook was called yet."))
    flush_rejections(exam.runtime)
    refused = recent_rejections(exam.settings.id)
    if not refused:
        return ok(say("No webhook was refused within the week."))
    newest = _most_telling(refused)
    _, fix, action = EXPLAINED.get(newest.reason, ("", "", None))
    evidence = joined("\n", [_line(exam.now, row) for row in refused[:SHOWN]])
    accepted_since = (last := _last_accepted(exam.settings.id)) is not None and last > newest.last_at
    if accepted_since:
        return warning(
            say("{evidence}\nRightly signed texts have come in since.", evidence=evidence), fix, action
        )
    return problem(evidence, fix, action)


def _most_telling(refused: Sequence[Row[Any]]) -> Row[Any]:
    """The newest that was surely Twilio, else the newest."""
    return next((row for row in refused if row.reason not in MAYBE_FORGED), refused[0])


def _line(now: datetime, row: Row[Any]) -> str:
    what = "delivery report" if row.route == "status" else "text"
    times = say(
        "{times} refused, last {ago}:",
        times=count(row.times, what),
        ago=ago((now - row.last_at).total_seconds()),
    )
    sentence, _, _ = EXPLAINED.get(row.reason, (say("The reason is not known."), "", None))
    return joined(" ", [times, sentence, *([restore(row.said, row.detail)] if row.detail else [])])


def _last_accepted(channel_id: int) -> datetime | None:
    with transaction() as connection:
        return connection.scalar(
            select(func.max(SmsSession.last_message_at)).where(SmsSession.channel_id == channel_id)
        )
