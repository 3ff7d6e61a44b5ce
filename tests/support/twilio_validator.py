"""Twilio's own RequestValidator: what it says is right."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from twilio import request_validator
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

Params = Iterable[tuple[str, str]]
KNOWS_ALGORITHMS = hasattr(request_validator, "get_signature_algorithm")
"""Older ones know HMAC-SHA1 only."""


def twilio_signs(key: str, url: str, params: Params, algorithm: str) -> str:
    """The signature that Twilio's library makes."""
    signature: str = RequestValidator(key).compute_signature(url, MultiDict(params), *_given(algorithm))
    return signature


def twilio_accepts(key: str, url: str, params: Params, signature: str, settings_header: str | None) -> bool:
    """Whether Twilio's library takes ``signature`` for its own; ``settings_header`` may name the algorithm."""
    if KNOWS_ALGORITHMS:
        algorithm = request_validator.get_signature_algorithm(settings_header or "")
    else:
        named = re.search(r"algorithm\s*=\s*([^,\s]+)", settings_header or "")
        algorithm = named[1] if named else "HMAC_SHA1"
    valid: bool = RequestValidator(key).validate(url, MultiDict(params), signature, *_given(algorithm))
    return valid


def _given(algorithm: str) -> tuple[str, ...]:
    """As the last argument, where the library takes one."""
    if KNOWS_ALGORITHMS:
        return (algorithm,)
    if algorithm != "HMAC_SHA1":
        pytest.skip("this version of Twilio's library knows HMAC-SHA1 only")
    return ()
