"""The state of a channel in one glance: one word, why, and what to do. The card and the page say the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from illumichat_sms_plugin.choices import AnswerTo
from illumichat_sms_plugin.languages.wording import say, say_n
from illumichat_sms_plugin.services.setup.channel_settings import ChannelSettings
from illumichat_sms_plugin.twilio_gateway.error_codes import explain


class StateCode(StrEnum):
    """The seven states."""

    NOT_CONNECTED = "not_connected"
    DRAFT = "draft"
    ONE_STEP_LEFT = "one_step_left"
    ON = "on"
    OFF = "off"
    PAUSED = "paused"
    NEEDS_ATTENTION = "needs_attention"


LABELS = {
    StateCode.NOT_CONNECTED: say("Not connected"),
    StateCode.DRAFT: say("Draft"),
    StateCode.ONE_STEP_LEFT: say("One step left"),
    StateCode.ON: say("On"),
    StateCode.OFF: say("Off"),
    StateCode.PAUSED: say("Paused"),
    StateCode.NEEDS_ATTENTION: say("Needs attention"),
}
TONES = {
    StateCode.NOT_CONNECTED: "idle",
    StateCode.DRAFT: "warn",
    StateCode.ONE_STEP_LEFT: "warn",
    StateCode.ON: "good",
    StateCode.OFF: "idle",
    StateCode.PAUSED: "warn",
    StateCode.NEEDS_ATTENTION: "warn",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Something to attend to: what is the matter, and what to do about it."""

    what: str
    do: str
    link: str | None = None
    """Twilio's page on the error, where there is one."""
    decisions: bool = False
    """Whether it is about the sessions that wait for a decision."""
    name: str = ""
    """What it is, in a word that stays the same while numbers in its sentence change; empty for what has a notice of its own."""


@dataclass(frozen=True, slots=True)
class ChannelState:
    """``sentence`` says the state in full; ``reasons`` are empty unless something needs attention."""

    code: StateCode
    sentence: str
    reasons: tuple[Reason, ...] = ()

    @property
    def label(self) -> str:
        """The state in a word or two."""
        return LABELS[self.code]

    @property
    def tone(self) -> str:
        """How it is coloured."""
        return TONES[self.code]


def state_of(settings: ChannelSettings) -> ChannelState:
    """The state of a channel, from what is stored about it."""
    if not settings.is_connected:
        invitation = say("Connect a Twilio phone number, and this assistant answers the texts sent to it.")
        sentence = (
            say("{lost} {invitation}", lost=settings.lost.sentence, invitation=invitation)
            if settings.lost
            else invitation
        )
        return ChannelState(StateCode.NOT_CONNECTED, sentence)
    if settings.is_draft:
        reason = _why_a_draft(settings)
        return ChannelState(StateCode.DRAFT, say("Not in use yet. {why}", why=reason.what), (reason,))
    if not settings.options.enabled:
        return ChannelState(
            StateCode.OFF,
            say(
                "Texts to {number} are recorded and not answered. Everything is kept.",
                number=settings.phone_number,
            ),
        )
    if settings.pause is not None:
        return ChannelState(
            StateCode.PAUSED,
            say("{why} Texts are recorded and not answered.", why=WHY_PAUSED[settings.pause.reason]),
        )
    return _in_use(settings)


def _in_use(settings: ChannelSettings) -> ChannelState:
    """On and confirmed; whether its webhook is set shows with the first text."""
    reasons = _reasons(settings)
    if reasons:
        return ChannelState(StateCode.NEEDS_ATTENTION, reasons[0].what, reasons)
    if settings.last_text_at:
        return ChannelState(
            StateCode.ON,
            ANSWERS[settings.options.answer_to](settings.phone_number),
        )
    none_yet = say("No text to {number} has come in yet.", number=settings.phone_number)
    if settings.webhook_was_set:
        return ChannelState(
            StateCode.ON,
            say("{none_yet} The webhook is set: text it from your own phone.", none_yet=none_yet),
        )
    return ChannelState(
        StateCode.ONE_STEP_LEFT,
        say(
            "{none_yet} Twilio has to know where to send them: set the webhook, or text the number if it is set "
            "already.",
            none_yet=none_yet,
        ),
    )


ANSWERS: dict[str, Callable[[str | None], str]] = {
    AnswerTo.EVERYBODY.value: lambda number: say("The assistant answers texts to {number}.", number=number),
    AnswerTo.CONTACTS.value: lambda number: say(
        "The assistant answers texts to {number} by known contacts only.", number=number
    ),
    AnswerTo.LISTED.value: lambda number: say(
        "The assistant answers texts to {number} by the numbers listed below only.", number=number
    ),
    AnswerTo.TRIAL.value: lambda number: say(
        "The assistant answers texts to {number} by your test numbers only: it is on trial. "
        "When you are content, choose Everybody under Whom to answer.",
        number=number,
    ),
}
"""Whose texts, by the option Whom to answer."""
WHY_PAUSED = {
    "all": say("An operator has stopped the sending of all channels."),
    "operator": say("An operator has stopped this channel's sending."),
    "person": say("Sending is paused."),
    "segments": say("The channel has sent as many segments as it may in a day, and has paused itself."),
    "money_day": say("The channel has spent as much money as it may in a day, and has paused itself."),
    "money_month": say("The channel has spent as much money as it may in a month, and has paused itself."),
}
"""By the reason of a pause."""
UNTIL_THEN = say(
    "Until then its texts are refused and the assistant is not asked; refused texts are fetched afterwards."
)


def _why_a_draft(settings: ChannelSettings) -> Reason:
    """What a draft waits for."""
    if "auth_token" in settings.unreadable_secrets:
        return Reason(
            say("The stored Auth Token cannot be read any more, so Twilio cannot be asked about it."),
            say("Enter the Auth Token again below and save."),
        )
    if settings.number_in_use:
        return Reason(
            say(
                "Twilio confirms that this account owns {number}, but another assistant has the number already.",
                number=settings.phone_number,
            ),
            say(
                "Disconnect it there first, or take another number. This channel then starts by itself within hours, "
                "and at once when you save it again."
            ),
        )
    if settings.attention_code is not None:
        explanation = explain(settings.attention_code)
        return Reason(
            say("Twilio does not accept what was entered. {explanation}", explanation=explanation.sentence),
            say(
                "{what_to_do} Then save again: Twilio is asked at once. It is also asked again by itself, after "
                "minutes at first, after six hours at most. {until_then}",
                what_to_do=explanation.admin_action,
                until_then=UNTIL_THEN,
            ),
            explanation.link,
        )
    return Reason(
        say("Twilio has not confirmed yet that this account owns {number}.", number=settings.phone_number),
        say(
            "Nothing, if Twilio could not be reached a moment ago: it is asked again within a minute. "
            "{until_then}",
            until_then=UNTIL_THEN,
        ),
    )


def _reasons(settings: ChannelSettings) -> tuple[Reason, ...]:
    reasons = []
    if settings.api_key_sid and "api_key_secret" in settings.unreadable_secrets:
        reasons.append(
            Reason(
                say("The stored API key cannot be read any more, so no text is answered."),
                say("Enter the secret of the API key again below and save."),
                name="unreadable_secret",
            )
        )
    elif "auth_token" in settings.unreadable_secrets:
        reasons.append(
            Reason(
                say("The stored Auth Token cannot be read any more, so no text is answered."),
                say("Enter the Auth Token again below and save."),
                name="unreadable_secret",
            )
        )
    elif settings.unreadable_secrets:
        reasons.append(
            Reason(
                say("A stored second token or signing key cannot be read any more."),
                say("Enter it again, or remove it."),
                name="unreadable_secret",
            )
        )
    if settings.attention_code is not None:
        explanation = explain(settings.attention_code)
        name = f"refused/{settings.attention_code}"
        reasons.append(Reason(explanation.sentence, explanation.admin_action, explanation.link, name=name))
    failing = settings.failing
    if failing is not None and failing.code != settings.attention_code:
        known = failing.explanation
        name = f"not_arriving/{failing.code}"
        reasons.append(Reason(failing.sentence, known.admin_action, known.link, name=name))
    if settings.came_late:
        reasons.append(
            Reason(
                say(
                    "The last text did not come by webhook. It was fetched from Twilio's list, minutes later."
                ),
                say("Run the Doctor: it says why the webhook does not reach us."),
                name="came_late",
            )
        )
    reasons += [
        Reason(
            say(
                "{limit}: {used}. When all of it is used, the channel pauses itself.",
                limit=used.label,
                used=used.sentence,
            ),
            say(
                "Look at the sessions that were texted last. If it is real traffic, set a higher limit below."
            ),
        )
        for used in settings.used
        if used.is_close
    ]
    reasons += _found(settings)
    if settings.waiting:
        reasons.append(_waiting(settings.waiting))
    return tuple(reasons)


def _found(settings: ChannelSettings) -> list[Reason]:
    """What housekeeping found wrong at Twilio. That the webhook has yet to be set is a step of its own."""
    is_new = not (settings.last_text_at or settings.webhook_was_set)
    return [
        Reason(found.evidence, found.fix, name=f"found/{found.name}")
        for found in settings.found
        if not (is_new and found.name == "webhook_url")
    ]


def _waiting(count: int) -> Reason:
    return Reason(
        say_n(
            "{n} reply may or may not have reached the texter and waits for your decision.",
            "{n} replies may or may not have reached the texter and wait for your decision.",
            count,
        ),
        say("Open the session and choose to send it again or to leave it."),
        decisions=True,
        name="decision",
    )
