"""Why a webhook's signature was not the one we expected.

Twilio signs the address it was told and the token it has. So the same signature is tried with the
addresses that proxies and typing errors make of ours, and with the other keys that we know. What
matches was really sent by Twilio, and says what to mend; what matches nothing may be anybody's.
https://www.twilio.com/docs/usage/webhooks/webhooks-security
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import urlsplit

from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.twilio_gateway.signature import key_that_signed
from illumichat_sms_plugin.twilio_gateway.values import SigningKey

MAX_ADDRESSES = 64
MAX_ADDRESS = 280
"""Characters of an address in a detail, which has 300."""


class Reason(StrEnum):
    """Why a webhook was refused."""

    NO_SIGNATURE = "no_signature"
    OTHER_ACCOUNT = "other_account"
    DRAFT = "draft"
    OTHERS_NUMBER = "others_number"
    SCHEME = "url_scheme"
    HOST = "url_host"
    SLASH = "url_slash"
    PATH = "url_path"
    QUERY = "url_query"
    OTHER_KEY = "other_key"
    RETIRED_KEY = "retired_key"
    ALGORITHM = "algorithm"
    NO_SIGNING_KEY = "no_signing_key"
    WRONG_SIGNING_KEY = "wrong_signing_key"
    UNKNOWN = "unknown"
    NOT_EXAMINED = "not_examined"


@dataclass(frozen=True, slots=True)
class Refused:
    """A refused request as long as it is in memory; never stored, never shown."""

    path: str
    query: str
    params: tuple[tuple[str, str], ...] = field(repr=False)
    tail: bytes = field(repr=False)
    """The same in signing order, joined once for all that is tried."""
    signature: str | None = field(repr=False)
    settings_header: str | None
    host_hints: tuple[str, ...]
    """What the request's own headers say about the host; anybody may write there."""
    prefix_hint: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The reason, and what was found out about this very request."""

    reason: Reason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A key of another channel of the workspace."""

    assistant_id: str
    key: SigningKey


def diagnose(
    refused: Refused, channel: Channel, public_url: str, foreign_keys: Sequence[ForeignKey] = ()
) -> Diagnosis:
    """Find the address or the key with which the signature would have been right."""
    if not refused.signature:
        return Diagnosis(Reason.NO_SIGNATURE)
    address = _address(public_url, refused)
    if _match(refused, address, channel.keys):
        return _by_content(refused, channel)
    for reason, other in _other_addresses(refused, public_url):
        if _match(refused, other, channel.keys):
            return Diagnosis(reason, say("Twilio signed {address}", address=other[:MAX_ADDRESS]))
    return _by_key(refused, address, channel, foreign_keys)


def _by_content(refused: Refused, channel: Channel) -> Diagnosis:
    """Why a request whose signature is right was refused all the same."""
    if _values(refused, "AccountSid") != [channel.account_sid]:
        return Diagnosis(Reason.OTHER_ACCOUNT, _named_account(refused))
    return Diagnosis(Reason.OTHERS_NUMBER if channel.is_confirmed else Reason.DRAFT)


def _by_key(
    refused: Refused, address: str, channel: Channel, foreign_keys: Sequence[ForeignKey]
) -> Diagnosis:
    if retired := _match(refused, address, channel.retired_keys):
        return Diagnosis(Reason.RETIRED_KEY, say("The {key} matches.", key=_key_words(retired.name)))
    for foreign in foreign_keys:
        if _match(refused, address, (foreign.key,)):
            detail = say(
                "The {key} stored for the assistant {assistant} matches.",
                key=_key_words(foreign.key.name),
                assistant=foreign.assistant_id,
            )
            return Diagnosis(Reason.OTHER_KEY, detail)
    for key in channel.keys:
        if _match(refused, address, (_other_algorithm(key),)):
            detail = say("The {key} matches with another algorithm.", key=_key_words(key.name))
            return Diagnosis(Reason.ALGORITHM, detail)
    if refused.settings_header:
        has_signing_key = any(key.algorithm == "HMAC_SHA256" for key in channel.keys)
        return Diagnosis(Reason.WRONG_SIGNING_KEY if has_signing_key else Reason.NO_SIGNING_KEY)
    return Diagnosis(Reason.UNKNOWN)


def _match(refused: Refused, address: str, keys: Sequence[SigningKey]) -> SigningKey | None:
    return key_that_signed(address, refused.tail, refused.signature, keys, refused.settings_header)


def _address(public_url: str, refused: Refused) -> str:
    return public_url + refused.path + (f"?{refused.query}" if refused.query else "")


def _other_addresses(refused: Refused, public_url: str) -> Iterator[tuple[Reason, str]]:
    """Addresses that may have been signed instead of ours, the likeliest first, each with its difference."""
    ours = urlsplit(public_url)
    home = (ours.scheme, ours.netloc, ours.path + refused.path, refused.query)
    seen = {home}
    for host in (ours.netloc, *_hosts(ours.netloc, refused)):
        for path in _paths(ours.path, refused):
            for query in dict.fromkeys((refused.query, "")):
                for scheme in (ours.scheme, "http" if ours.scheme == "https" else "https"):
                    other = (scheme, host, path, query)
                    if other not in seen and len(seen) <= MAX_ADDRESSES:
                        seen.add(other)
                        yield (
                            _difference(home, other),
                            f"{scheme}://{host}{path}" + (f"?{query}" if query else ""),
                        )


def _hosts(ours: str, refused: Refused) -> Iterator[str]:
    yield ours.removeprefix("www.") if ours.startswith("www.") else f"www.{ours}"
    yield from refused.host_hints


def _paths(prefix: str, refused: Refused) -> Sequence[str]:
    """With and without the slash at the end, the base path of our URL, and what a proxy took away."""
    paths = []
    for path in (prefix + refused.path, refused.path, refused.prefix_hint + refused.path):
        paths += [path, path.rstrip("/") if path.endswith("/") else f"{path}/"]
    return list(dict.fromkeys(paths))


def _difference(home: tuple[str, str, str, str], other: tuple[str, str, str, str]) -> Reason:
    """The difference that explains most; the detail shows the whole address."""
    if home[1] != other[1]:
        return Reason.HOST
    if home[2] != other[2]:
        return Reason.SLASH if home[2].rstrip("/") == other[2].rstrip("/") else Reason.PATH
    return Reason.QUERY if home[3] != other[3] else Reason.SCHEME


def _other_algorithm(key: SigningKey) -> SigningKey:
    return replace(key, algorithm="HMAC_SHA1" if key.algorithm == "HMAC_SHA256" else "HMAC_SHA256")


def _named_account(refused: Refused) -> str:
    named = _values(refused, "AccountSid")
    if not named:
        return say("The form names no AccountSid.")
    return say("The form names an account that ends in {end}.", end=named[0][-4:])


def _values(refused: Refused, wanted: str) -> list[str]:
    return [value for name, value in refused.params if name == wanted]


def _key_words(name: str) -> str:
    return {
        "auth_token": say("Auth Token"),
        "next_auth_token": say("second Auth Token"),
        "signing_key": say("webhook signing key"),
    }.get(name, say("key"))
