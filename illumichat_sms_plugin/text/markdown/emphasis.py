"""Which asterisks and underscores are emphasis, and which are what somebody wrote.

CommonMark decides by the neighbours of a mark alone. People and models do not follow it: they put a bold phrase
between Chinese characters, and they write ``***-**-1234``, ``_jane_@example.com`` and ``*21#``. A mark that
touches anything but space, sentence punctuation or the end of a line on its outside is content here; a visible
asterisk does less harm than a missing digit.
"""

from __future__ import annotations

from dataclasses import dataclass

import regex

_UNSPACED = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Bopomofo}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}"
    r"\u3000-\u303f\uff00-\uffef]"
)
"""Scripts that put no space between a phrase and its neighbours."""
_BEFORE = frozenset("([{<\"'“‘«‹„¿¡—–…|>")
_AFTER = frozenset(")]}>\"'”’»›“„—–…|!?;。")
_STOPS = frozenset(".,:")
_NEVER_BEFORE = frozenset("@\\*_=#./-")
_NEVER_AFTER = frozenset("@\\*_=#")
_IDENTIFIER = regex.compile(r"[a-z0-9_]+")
_CODE = regex.compile(r"[0-9#*]+")
MAX_MARKS = 6
"""More marks in a row are no emphasis."""
_FEW = 3
"""So many characters without a letter or digit are no phrase."""
_CLOSES = {1: (1, 3), 2: (2, 3), 3: (3, 2, 1)}
"""How many marks a run has that so many may close."""
_LOOKED_AT = 64
"""Characters between two marks that are looked at."""


@dataclass(slots=True)
class Run:
    """One or more equal marks in a row, at ``start`` of a paragraph's source; ``left`` are those still shown."""

    start: int
    end: int
    mark: str
    left: int
    before: str
    after: str
    ahead: str
    """The character before ``before``."""
    beyond: str
    """The character after ``after``."""


def runs_of(source: str, start: int, end: int) -> list[Run]:
    """The runs of ``source[start:end]``, which is all marks; what stands beside them stands beside each."""
    before = source[start - 1 : start] if start else ""
    ahead = source[start - 2 : start - 1] if start > 1 else ""
    after, beyond = source[end : end + 1], source[end + 1 : end + 2]
    runs = []
    while start < end:
        mark, stop = source[start], start + 1
        while stop < end and source[stop] == mark:
            stop += 1
        runs.append(Run(start, stop, mark, stop - start, before, after, ahead, beyond))
        start = stop
    return runs


class Pairing:
    """Pairs runs of one paragraph or one link's label, in the order of the text."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._opened: dict[tuple[str, int], list[Run]] = {}
        self._tied: Run | None = None
        """The last run that something before it ties to its word, as in ``@_jane_``."""

    def add(self, run: Run) -> None:
        """Let ``run`` close what is open, or open something itself."""
        if run.left > 3 or (self._tied is not None and self._ends_tied_word(run)):
            return
        if any(self._opened.values()):
            self._end_what_is_open(run)
        if run.left == run.end - run.start and _may_open(run):
            self._opened.setdefault((run.mark, run.left), []).append(run)
        elif _is_tied(run):
            self._tied = run

    def _end_what_is_open(self, run: Run) -> None:
        if _may_close(run):
            while run.left and (opener := self._opener_of(run)) is not None:
                self._close(opener, run)
        elif _ties_what_follows(run):
            self._forget_start_of(run)

    def _opener_of(self, run: Run) -> Run | None:
        """The nearest run that this one closes."""
        nearest = None
        for count in _CLOSES[run.left]:
            stack = self._opened.get((run.mark, count))
            if stack and (nearest is None or stack[-1].start > nearest.start):
                nearest = stack[-1]
        if nearest is None or _grows(nearest, run):
            return None
        if _is_phrase(self._source, nearest, run):
            return nearest
        self._opened[nearest.mark, nearest.left].pop()  # ***-**, _a_b_: both are what somebody wrote
        return None

    def _forget_start_of(self, run: Run) -> None:
        """``_jane_@``, ``_docs_/``: the run before the same word is content as well, and closed by nothing later."""
        stack = self._opened.get((run.mark, run.left))
        if stack and self._is_word(stack[-1], run):
            stack.pop()

    def _ends_tied_word(self, run: Run) -> bool:
        """``@_jane_``: the run after a tied word is content as well."""
        tied, self._tied = self._tied, None
        return (
            tied is not None and (tied.mark, tied.left) == (run.mark, run.left) and self._is_word(tied, run)
        )

    def _is_word(self, first: Run, last: Run) -> bool:
        """Whether no space is between two runs that are near each other."""
        inside = self._source[first.end : last.start] if last.start - first.end <= _LOOKED_AT else " "
        return not any(char.isspace() for char in inside)

    def _close(self, opener: Run, closer: Run) -> None:
        """Drop the marks of both; nothing that was opened between them can be closed any more."""
        for stack in self._opened.values():
            while stack and stack[-1].start >= opener.start:
                stack.pop()
        pairs = min(opener.left, closer.left)
        opener.left -= pairs
        closer.left -= pairs
        if opener.left:
            self._opened.setdefault((opener.mark, opener.left), []).append(opener)


def _may_open(run: Run) -> bool:
    if not run.after or run.after.isspace():
        return False
    if _is_clean(run):
        return True
    if run.left == 1 or run.mark == "_":
        return False
    if run.before in "-/":  # **Mon**-**Fri**
        return run.ahead in ("*", "_") and not run.after.isspace()
    return not run.before.isalnum() and run.before not in _NEVER_BEFORE


def _is_clean(run: Run) -> bool:
    """Whether nothing before the run ties it to a word."""
    before = run.before
    if not before or before.isspace() or before in _BEFORE:
        return True
    return run.mark == "*" and _is_unspaced(before)


def _may_close(run: Run) -> bool:
    if not run.before or run.before.isspace():
        return False
    after, single = run.after, run.left == 1 or run.mark == "_"
    if not after or after.isspace() or after in _AFTER:
        return True
    if after in _STOPS:
        return not run.beyond.isalnum() or (not single and after != "." and not _digits_around(run))
    if run.mark == "*" and _is_unspaced(after):
        return True
    if single:
        return not after.isascii() and not after.isalnum()
    return after not in _NEVER_AFTER and not (after in "-/" and _digits_around(run))


def _is_unspaced(char: str) -> bool:
    return not char.isascii() and _UNSPACED.match(char) is not None


def _digits_around(run: Run) -> bool:
    return run.before.isdigit() and run.beyond.isdigit()


def _is_tied(run: Run) -> bool:
    """Whether a mark before the run ties it to something: the second of ``@_jane_``."""
    return bool(run.before and run.after) and not run.before.isalnum() and not run.after.isspace()


def _ties_what_follows(run: Run) -> bool:
    """Whether a mark behind the run ties it to something: the second of ``_jane_@example.com``."""
    return bool(run.before and run.after) and not run.before.isspace() and not _is_blank_or_word(run.after)


def _is_blank_or_word(char: str) -> bool:
    return char.isspace() or char.isalnum()


def _is_phrase(source: str, opener: Run, closer: Run) -> bool:
    """Whether what stands between two runs is a phrase, and no code, mask or identifier."""
    inside = source[opener.end : closer.start] if closer.start - opener.end <= _LOOKED_AT else "phrase"
    if len(inside) <= _FEW and not any(char.isalnum() for char in inside):
        return False
    if inside[0] == inside[-1] and inside[0] in "-/" and len(inside) > 1:
        return False
    if closer.left == 1 and closer.mark == "*" and _CODE.fullmatch(inside):
        return False
    return not (closer.mark == "_" and ("_" in inside or closer.left == 2) and _IDENTIFIER.fullmatch(inside))


def _grows(opener: Run, closer: Run) -> bool:
    """Whether both sides of ``closer`` would become one word."""
    if not closer.after.isalnum() or _is_unspaced(closer.after):
        return False
    return (closer.after.isdigit() and closer.before.isalnum()) or not _is_clean(opener)
