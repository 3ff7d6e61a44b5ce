"""A secret that nothing shows by accident: whatever prints it, logs it or collects local variables gets dots.

A form, a JSON body or the command line hands over plain text. It is wrapped there, at once and without a name of
its own, and :meth:`Secret.reveal` is called again only where a ciphertext, a signature or an HTTP header is made,
inside the very expression that makes it. So no local variable on the way holds the text, and an error tracker
that collects them has nothing to send.
"""

from __future__ import annotations

import hmac
import re
from typing import Any, NoReturn

from illumichat_sms_plugin.pasted import SELECTORS, is_visible

DOTS = "••••••••"


class Secret:
    """A token, key or password. ``bool`` and ``len`` are those of the text, ``repr`` and ``str`` are dots."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself. Use it inside an expression and give it no name."""
        return self._text

    def stripped(self) -> Secret:
        """The same without white space around it and without invisible marks."""
        # As without_marks does, which would give the text a name.
        return Secret(SELECTORS.sub("", "".join(filter(is_visible, self._text))).strip())

    def matches(self, pattern: re.Pattern[str]) -> bool:
        """Whether the whole text fits ``pattern``."""
        return pattern.fullmatch(self._text) is not None

    def __repr__(self) -> str:
        return DOTS

    def __str__(self) -> str:
        return DOTS

    def __format__(self, format_spec: str) -> str:
        return DOTS

    def __bool__(self) -> bool:
        return bool(self._text)

    def __len__(self) -> int:
        return len(self._text)

    def __eq__(self, other: object) -> bool:
        """Compared in a time that does not tell how much is right; a plain string is never equal."""
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(
            self._text.encode("utf-8", "surrogatepass"), other._text.encode("utf-8", "surrogatepass")
        )

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")
