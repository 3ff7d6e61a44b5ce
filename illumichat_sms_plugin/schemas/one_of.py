"""One of several words: those of an enum or a Literal, so that the API's list is the code's own."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any, get_args

from marshmallow import validate


def one_of(kind: Any, *, also: Iterable[None] = ()) -> validate.OneOf:
    """Any value of ``kind``, an enum or a Literal; ``also`` may add None."""
    values = (
        [item.value for item in kind] if isinstance(kind, type) and issubclass(kind, Enum) else get_args(kind)
    )
    return validate.OneOf([*values, *also])
