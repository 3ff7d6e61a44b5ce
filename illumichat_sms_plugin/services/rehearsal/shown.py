"""A rehearsal as people read it: who says what, what it would cost, and why there is no answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import NoReply
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.answering.moves import Because
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.services.no_reply import explain_reason
from illumichat_sms_plugin.services.rehearsal.lines import SENT, Kind, Line
from illumichat_sms_plugin.services.rehearsal.try_out import LOST, Rehearsal
from illumichat_sms_plugin.services.spending import MILLION, Rate, rate_of
from illumichat_sms_plugin.text.expense import Expense, expense_of

LIST_CURRENCY = "USD"
"""What Twilio's list prices are in."""
WAITS = {
    Because.NOT_CONNECTED.value: say("its channel is not connected"),
    Because.EARLIER_SEND.value: say("an earlier answer is not settled yet"),
    Because.TOKEN_UNREADABLE.value: say("the stored Auth Token cannot be read"),
    Because.NUMBER_UNKNOWN.value: say(
        "Twilio has not said yet whether the account owns the number that was texted"
    ),
    Because.NOT_ACCEPTED.value: say("Twilio does not accept the account, or has not yet"),
    Because.PAUSE.value: say("the pause after a failed try is not over"),
    Because.FURTHER_TEXTS.value: say("the texter may go on writing"),
    Because.OTHER_SUSPECT.value: say("another session whose worker died is tried first"),
}
"""What is waited for, by its name in a line."""
_WHO = {
    Kind.TEXT: say("You, as the texter"),
    Kind.ANSWER: say("Assistant"),
    Kind.MORE: say("Assistant"),
    Kind.APOLOGY: say("Apology"),
    Kind.CLARIFICATION: say("Clarifying text"),
    Kind.CONFIRMATION: say("Opt-out confirmation"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a rehearsal. ``who`` is empty for a remark, which has a ``title`` and a ``sentence``."""

    kind: Kind
    at: datetime
    who: str
    body: str
    title: str = ""
    sentence: str = ""
    expense: Expense | None = None
    """Of what would be sent."""
    cost: Decimal | None = None
    """The same in money."""
    currency: str = ""
    rest: str = ""
    wish_rule: str = ""
    wish_words: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """All of it."""

    number: str
    steps: tuple[Step, ...]
    is_thinking: bool
    is_estimate: bool
    """The costs are list prices, because Twilio has told none to that country yet."""


def show(runtime: Runtime, channel: Channel, rehearsal: Rehearsal) -> Shown:
    """What was tried out, with what it would have cost."""
    known = rate_of(channel.id, rehearsal.number)
    rate = known or Rate(round(Decimal(str(runtime.settings.segment_price)) * MILLION), LIST_CURRENCY)
    steps = [_step(line, rate, runtime.settings.assistant_attempts) for line in rehearsal.lines]
    if rehearsal.is_lost:
        steps.append(Step(Kind.FAILED, rehearsal.lines[-1].at, "", "", say("The assistant failed"), LOST))
    return Shown(rehearsal.number, tuple(steps), rehearsal.is_thinking, known is None)


def why_silent(channel: Channel) -> str | None:
    """Why a phone would get no answer now, whatever it wrote; a rehearsal goes on all the same."""
    if not channel.options.enabled:
        return say("SMS is off for this assistant: a phone would get no answer now.")
    if channel.paused is not None:
        return say("Sending is paused: a phone would get no answer now.")
    if not channel.may_answer:
        return say("Twilio does not accept the account, or has not yet: texts from phones would wait.")
    return None


def _step(line: Line, rate: Rate, attempts: int) -> Step:
    title, sentence = _remark(line, attempts)
    expense = expense_of(line.body) if line.kind in SENT else None
    return Step(
        kind=line.kind,
        at=line.at,
        who=_WHO.get(line.kind, ""),
        body=line.body,
        title=title,
        sentence=sentence,
        expense=expense,
        cost=Decimal(expense.segments * rate.segment) / MILLION if expense else None,
        currency=rate.currency if expense else "",
        rest=line.rest,
        wish_rule=line.wish_rule,
        wish_words=line.wish_words,
    )


def _remark(line: Line, attempts: int) -> tuple[str, str]:
    if line.kind is Kind.NO_ANSWER:
        known = explain_reason(NoReply(line.reason))
        return say("No answer: {reason}", reason=known.title), known.sentence
    if line.kind is Kind.WAITS:
        return say("The text would wait"), say(
            "Reason: {reason}.", reason=WAITS.get(line.reason, line.reason)
        )
    if line.kind is Kind.HANDOFF:
        return say("A person should answer"), say("The assistant hands the conversation over and says why:")
    if line.kind is Kind.SUGGESTED:
        return (
            say("A person decides"),
            say("The assistant only suggests answers, so this one goes out when somebody sends it:"),
        )
    if line.kind is Kind.FAILED:
        return say("The assistant failed"), say(
            "{reason} After {attempts} tries the texter would read this:",
            reason=line.reason,
            attempts=attempts,
        )
    return "", ""
