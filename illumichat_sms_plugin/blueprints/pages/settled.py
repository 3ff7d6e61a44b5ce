"""What is settled, in a line: the parts of the form that are folded until somebody wants to change them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from illumichat_sms_plugin.in_words import listed
from illumichat_sms_plugin.languages.wording import joined, say
from illumichat_sms_plugin.option_kinds import Amount, Option, Switch
from illumichat_sms_plugin.option_places import Section
from illumichat_sms_plugin.services.setup.channel_settings import ChannelSettings

ACCOUNT_FIELDS = frozenset(
    {"account_sid", "auth_token", "api_key_sid", "api_key_secret", "phone_number", "signing_key"}
)
END_OF_SID = 4
"""Characters by which people tell two accounts apart."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the form: its name for a place in the page, its heading, what is stored in a line, its options, and whether it begins unfolded."""

    name: str
    title: str
    summary: str
    options: tuple[Option, ...]
    unfolded: bool


def account_in_a_line(settings: ChannelSettings) -> str:
    """Which account and number, and what is stored to use them; never a secret."""
    if not settings.account_sid:
        return ""
    keys = [
        name
        for name, stored in (
            (say("Auth Token"), settings.has_auth_token),
            (say("second Auth Token"), settings.has_next_auth_token),
            (say("API key"), bool(settings.api_key_sid)),
            (say("signing key"), settings.has_signing_key),
        )
        if stored
    ]
    return say(
        "Account …{end}, {number}, {keys} stored",
        end=settings.account_sid[-END_OF_SID:],
        number=settings.phone_number or say("no number"),
        keys=listed(keys) if keys else say("no token"),
    )


def account_is_settled(settings: ChannelSettings, touched: Collection[str]) -> bool:
    """Whether nothing is left to do there, and nothing is ``touched``: wrong, or changed by somebody else."""
    done = settings.is_connected and not settings.is_draft and not settings.unreadable_secrets
    return done and settings.attention_code is None and not ACCOUNT_FIELDS & set(touched)


def parts_of(
    options: Mapping[str, Option], stored: Mapping[str, Any], touched: Collection[str]
) -> Sequence[Part]:
    """The parts of the form that hold options, each unfolded while one of its fields is ``touched``."""
    return [
        Part(
            section.name.lower(),
            section.heading,
            in_a_line(part, stored),
            part,
            any(option.name in touched for option in part),
        )
        for section in Section
        if (part := tuple(option for option in options.values() if option.section is section))
    ]


def in_a_line(options: Sequence[Option], stored: Mapping[str, Any]) -> str:
    """What is on and what has which value, then what is off and what has no limit; of long values only which are the channel's own."""
    short = [option for option in options if not option.is_long]
    off = [option.label for option in short if isinstance(option, Switch) and not stored[option.name]]
    unlimited = [option.label for option in short if isinstance(option, Amount) and not stored[option.name]]
    words = [
        _value(option, stored[option.name]) for option in short if option.label not in (*off, *unlimited)
    ]
    if off:
        words.append(say("Off: {options}", options=joined(", ", off)))
    if unlimited:
        words.append(say("No limit: {options}", options=joined(", ", unlimited)))
    if long := [option for option in options if option.is_long]:
        own = [option.label for option in long if stored[option.name] != option.default]
        words.append(
            say("Your own: {options}", options=joined(", ", own)) if own else say("The rest as usual")
        )
    return joined(" · ", words)


def _value(option: Option, stored: Any) -> str:
    """A switch that is on goes without a value."""
    if isinstance(option, Switch):
        return option.label
    return joined(": ", (option.label, option.in_words(stored)))
