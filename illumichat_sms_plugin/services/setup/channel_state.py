"""The state of a channel in one glance: one word, why, and what to do. The card and the page say the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from illumichat_sms_plugin.choices import AnswerTo
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
    StateCode.NOT_CONNECTED: "Not connected",
    StateCode.DRAFT: "Draft",
    StateCode.ONE_STEP_LEFT: "One step left",
    StateCode.ON: "On",
    StateCode.OFF: "Off",
    StateCode.PAUSED: "Paused",
    StateCode.NEEDS_ATTENTION: "Needs attention",
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
        invitation = "Connect a Twilio phone number, and this assistant answers the texts sent to it."
        sentence = f"{settings.lost.sentence} {invitation}" if settings.lost else invitation
        return ChannelState(StateCode.NOT_CONNECTED, sentence)
    if settings.is_draft:
        reason = _why_a_draft(settings)
        return ChannelState(StateCode.DRAFT, f"Not in use yet. {reason.what}", (reason,))
    if not settings.options.enabled:
        return ChannelState(
            StateCode.OFF,
            f"Texts to {settings.phone_number} are recorded and not answered. Everything is kept.",
        )
    if settings.pause is not None:
        return ChannelState(
            StateCode.PAUSED, f"{WHY_PAUSED[settings.pause.reason]} Texts are recorded and not answered."
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
            f"The assistant answers texts to {settings.phone_number}{WHOM[settings.options.answer_to]}.",
        )
    none_yet = f"No text to {settings.phone_number} has come in yet."
    if settings.webhook_was_set:
        return ChannelState(StateCode.ON, f"{none_yet} The webhook is set: text it from your own phone.")
    return ChannelState(
        StateCode.ONE_STEP_LEFT,
        f"{none_yet} Twilio has to know where to send them: set the webhook, or text the number if it is set already.",
    )


WHOM = {
    AnswerTo.EVERYBODY.value: "",
    AnswerTo.CONTACTS.value: " by known contacts only",
    AnswerTo.LISTED.value: " by the numbers listed below only",
    AnswerTo.TRIAL.value: " by your test numbers only: it is on trial. When you are content, choose Everybody under Whom to answer",
}
"""Whose texts, by the option Whom to answer."""
WHY_PAUSED = {
    "all": "An operator has stopped the sending of all channels.",
    "operator": "An operator has stopped this channel's sending.",
    "person": "Sending is paused.",
    "segments": "The channel has sent as many segments as it may in a day, and has paused itself.",
    "money_day": "The channel has spent as much money as it may in a day, and has paused itself.",
    "money_month": "The channel has spent as much money as it may in a month, and has paused itself.",
}
"""By the reason of a pause."""
UNTIL_THEN = (
    "Until then its texts are refused and the assistant is not asked; refused texts are fetched afterwards."
)


def _why_a_draft(settings: ChannelSettings) -> Reason:
    """What a draft waits for."""
    if "auth_token" in settings.unreadable_secrets:
        return Reason(
            "The stored Auth Token cannot be read any more, so Twilio cannot be asked about it.",
            "Enter the Auth Token again below and save.",
        )
    if settings.number_in_use:
        return Reason(
            f"Twilio confirms that this account owns {settings.phone_number}, but another assistant has the number already.",
            "Disconnect it there first, or take another number. This channel then starts by itself within hours, and at "
            "once when you save it again.",
        )
    if settings.attention_code is not None:
        explanation = explain(settings.attention_code)
        return Reason(
            f"Twilio does not accept what was entered. {explanation.sentence}",
            f"{explanation.admin_action} Then save again: Twilio is asked at once. It is also asked again by itself, after "
            f"minutes at first, after six hours at most. {UNTIL_THEN}",
            explanation.link,
        )
    return Reason(
        f"Twilio has not confirmed yet that this account owns {settings.phone_number}.",
        f"Nothing, if Twilio could not be reached a moment ago: it is asked again within a minute. {UNTIL_THEN}",
    )


def _reasons(settings: ChannelSettings) -> tuple[Reason, ...]:
    reasons = []
    if settings.api_key_sid and "api_key_secret" in settings.unreadable_secrets:
        reasons.append(
            Reason(
                "The stored API key cannot be read any more, so no text is answered.",
                "Enter the secret of the API key again below and save.",
                name="unreadable_secret",
            )
        )
    elif "auth_token" in settings.unreadable_secrets:
        reasons.append(
            Reason(
                "The stored Auth Token cannot be read any more, so no text is answered.",
                "Enter the Auth Token again below and save.",
                name="unreadable_secret",
            )
        )
    elif settings.unreadable_secrets:
        reasons.append(
            Reason(
                "A stored second token or signing key cannot be read any more.",
                "Enter it again, or remove it.",
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
                "The last text did not come by webhook. It was fetched from Twilio's list, minutes later.",
                "Run the Doctor: it says why the webhook does not reach us.",
                name="came_late",
            )
        )
    reasons += [
        Reason(
            f"{used.label}: {used.sentence}. When all of it is used, the channel pauses itself.",
            "Look at the sessions that were texted last. If it is real traffic, set a higher limit below.",
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
    texts = "1 reply" if count == 1 else f"{count} replies"
    wait = "waits" if count == 1 else "wait"
    return Reason(
        f"{texts} may or may not have reached the texter and {wait} for your decision.",
        "Open the session and choose to send it again or to leave it.",
        decisions=True,
        name="decision",
    )
