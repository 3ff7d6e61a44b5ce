"""How many examples a property of a pure rule is tried with, a hundred times as many as others, and cheap ones.

10,000 in ``./run test``, a million with ``--hypothesis-profile=long``, 200 with ``--hypothesis-profile=quick``.
"""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

pure = settings(
    max_examples=settings.default.max_examples * 100,
    suppress_health_check=[HealthCheck.too_slow],
    deadline=None,
)


def soup_of(tokens: Sequence[str], min_size: int = 0, max_size: int = 24) -> SearchStrategy[str]:
    """Texts of ``tokens`` in any order. One string is drawn and not a list of tokens: that is five times as quick."""
    first = 0x3400  # letters that say which token
    letters = st.characters(min_codepoint=first, max_codepoint=first + len(tokens) - 1)
    return st.text(letters, min_size=min_size, max_size=max_size).map(
        lambda text: "".join(tokens[ord(letter) - first] for letter in text)
    )
