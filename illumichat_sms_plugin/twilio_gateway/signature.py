"""Twilio's webhook signature.

``base64(HMAC(secret, URL + name + value + name + value …))``, the parameters sorted and without repeats:
https://www.twilio.com/docs/usage/security#validating-requests

Twilio's own RequestValidator costs ten times as much and answers some odd requests with an exception; it is
the oracle in the tests. This one answers every input, and does not look at the body: accept form posts only.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence

from illumichat_sms_plugin.twilio_gateway.values import SigningKey

SIGNATURE_HEADER = "X-Twilio-Signature"
SETTINGS_HEADER = "X-Twilio-Webhooks-Signature-Settings"

_DIGESTS = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}
_DEFAULT_PORTS = {"https": "443", "http": "80"}


def sign(url: str, params: Iterable[tuple[str, str]], key: SigningKey) -> str:
    """The signature Twilio sends with a request to ``url`` that carries ``params``."""
    return _signature(_without_fragment(url), joined(params), key).decode("ascii")


def matching_key(
    url: str,
    params: Iterable[tuple[str, str]],
    signature: str | None,
    keys: Sequence[SigningKey],
    settings_header: str | None = None,
) -> SigningKey | None:
    """The first of ``keys`` that made ``signature``, or None: then the request is not Twilio's.

    ``url`` is the public one as Twilio was told it, query included; ``params`` are all items of the form as sent,
    repeats and blanks included; ``settings_header`` is the header of that name, which comes with a SharedKey.
    Never raises, whatever a stranger sends.
    """
    return key_that_signed(url, joined(params), signature, keys, settings_header)


def key_that_signed(
    url: str,
    tail: bytes,
    signature: str | None,
    keys: Sequence[SigningKey],
    settings_header: str | None = None,
) -> SigningKey | None:
    """The same for a form whose parameters are ``joined`` already: sorting them costs more than signing."""
    if not signature:
        return None
    given = _bytes(signature)
    algorithm = _algorithm(settings_header)
    fitting = [key for key in keys if key.algorithm == algorithm]
    for candidate in _with_and_without_port(_without_fragment(url)):
        for key in fitting:
            if hmac.compare_digest(_signature(candidate, tail, key), given):
                return key
    return None


def joined(params: Iterable[tuple[str, str]]) -> bytes:
    """Names and values in signing order: by name, then by value, each pair once."""
    return _bytes("".join([name + value for name, value in sorted(set(params))]))


def _signature(url: str, tail: bytes, key: SigningKey) -> bytes:
    # Nothing here gets a name, so that no local variable holds the key.
    return b64encode(
        hmac.digest(
            key.secret.reveal().encode("utf-8", "surrogatepass"), _bytes(url) + tail, _DIGESTS[key.algorithm]
        )
    )


def _bytes(text: str) -> bytes:
    """UTF-8. A lone surrogate, which is not valid text, gets bytes too instead of an exception."""
    return text.encode("utf-8", "surrogatepass")


def _algorithm(settings_header: str | None) -> str:
    """The algorithm that ``key=…,algorithm=…`` names; HMAC_SHA1 if it names none."""
    for part in (settings_header or "").split(","):
        name, _, value = part.partition("=")
        if name.strip() == "algorithm" and value.strip():
            return value.strip().upper()
    return "HMAC_SHA1"


def _without_fragment(url: str) -> str:
    """Twilio keeps the fragment (its connection overrides) to itself and does not sign it."""
    return url.partition("#")[0]


def _with_and_without_port(url: str) -> Iterator[str]:
    """The URL as given and its twin: Twilio signs sometimes with the port and sometimes without."""
    yield url
    scheme, separator, rest = url.partition("://")
    end = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    authority, path = rest[:end], rest[end:]
    userinfo, at, host_and_port = authority.rpartition("@")
    host, colon, port = host_and_port.rpartition(":")
    if colon and "]" not in port:
        yield f"{scheme}{separator}{userinfo}{at}{host}{path}"
    elif default := _DEFAULT_PORTS.get(scheme.lower()):
        yield f"{scheme}{separator}{authority}:{default}{path}"
