"""The rules in a webhook URL's fragment, such as ``#rc=3&rp=5xx,ct,rt``.

https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

_POLICIES = frozenset({"4xx", "5xx", "ct", "rt", "all"})


@dataclass(frozen=True)
class RetryRules:
    """Times in seconds. Without a fragment: one retry, only when no connection came about."""

    connect_timeout: float = 5.0
    read_timeout: float = 15.0
    total_timeout: float = 15.0
    retries: int = 1
    policies: frozenset[str] = frozenset({"ct"})
    invalid: tuple[str, ...] = ()
    """Parts of the fragment that say nothing Twilio knows; they are passed over (11243)."""

    def allow_retry(self, outcome: str) -> bool:
        """Whether to try again after ``ct``, ``rt``, ``4xx`` or ``5xx``."""
        return outcome in self.policies or ("all" in self.policies and outcome != "")


def parse_rules(url: str, *, total: float = 15.0) -> RetryRules:
    """Read the fragment of ``url``; ``total`` bounds all attempts together (Twilio: 15 s)."""
    values: dict[str, object] = {"total_timeout": total, "read_timeout": total}
    invalid = []
    for name, text in parse_qsl(url.partition("#")[2], keep_blank_values=True):
        if name == "ct" and _within(text, 100, 10_000):
            values["connect_timeout"] = int(text) / 1000
        elif name == "rt" and _within(text, 100, 15_000):
            values["read_timeout"] = min(int(text) / 1000, total)
        elif name == "tt" and _within(text, 100, 15_000):
            values["total_timeout"] = min(int(text) / 1000, total)
        elif name == "rc" and _within(text, 0, 5):
            values["retries"] = int(text)
        elif name == "rp" and set(text.split(",")) <= _POLICIES:
            values["policies"] = frozenset(text.split(","))
        elif name not in ("e", "sni"):
            invalid.append(f"{name}={text}")
    return RetryRules(**values, invalid=tuple(invalid))  # type: ignore[arg-type]


def _within(text: str, low: int, high: int) -> bool:
    return text.isascii() and text.isdigit() and low <= int(text) <= high
