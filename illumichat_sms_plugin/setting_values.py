"""What a setting's value may look like: a Flask config, and the environment before it, hold strings for everything."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Any
from urllib.parse import urlsplit

from illumichat_sms_plugin.errors import StartRefused

_SWITCH = {"true": True, "1": True, "yes": True, "on": True} | {
    "false": False,
    "0": False,
    "no": False,
    "off": False,
}


def is_base_url(url: str) -> bool:
    """Whether it is a plain http(s) URL that paths can be added to."""
    try:
        parts = urlsplit(url)
        port_is_one = parts.port is None or parts.port > 0
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and " " not in url
    return bool(plain and port_is_one and parts.scheme in ("http", "https") and parts.hostname) and not (
        parts.query or parts.fragment
    )


def converted(name: str, item: dataclasses.Field[Any], value: Any) -> Any:
    """Turn a config value, often a string from the environment, into the setting's type."""
    kind = str(item.type)
    try:
        if kind.startswith("tuple"):
            parts = value.split(",") if isinstance(value, str) else list(value)
            words = [str(part).strip() for part in parts if str(part).strip()]
            return _ascending(words) if "float" in kind else tuple(words)
        if kind == "str":
            return str(value).strip().rstrip("/") if item.name.endswith("_url") else str(value).strip()
        if kind == "bool":
            return _SWITCH[str(value).strip().lower()]
        if kind == "int" and float(value) != int(float(value)):
            raise ValueError
        number = int(value) if kind == "int" else float(value)
    except (TypeError, ValueError, OverflowError, KeyError):
        raise StartRefused(f"{name} must be {_words(kind)}, not {value!r}.") from None
    low, high = item.metadata["low"], item.metadata["high"]
    if not low <= number <= high:
        raise StartRefused(f"{name} must be between {low} and {high}, not {number}.")
    return number


def _ascending(words: list[str]) -> tuple[float, ...]:
    numbers = tuple(float(word) for word in words)
    growing = all(earlier < later for earlier, later in itertools.pairwise((0.0, *numbers, math.inf)))
    if not growing:
        raise ValueError
    return numbers


def _words(kind: str) -> str:
    return {"int": "a whole number", "float": "a number", "bool": "true or false"}.get(
        kind, "a list of numbers that grow, such as 3600,86400"
    )
