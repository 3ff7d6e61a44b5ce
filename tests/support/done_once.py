"""What each new app would do again is done once for all apps of a test process.

Nearly every test makes an app and a database engine of its own. A host makes one of each for a whole process; here,
compiling templates, statements and the functions that build URLs took two thirds of the suite's time.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import CodeType
from typing import Any

import pytest
import redis.utils
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy.engine import Dialect
from werkzeug.routing import Rule


class TemplateCode(BytecodeCache):
    """The code of templates by name and source, in memory."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


class CompiledStatements(dict[Any, Any]):
    """SQLAlchemy's cache of compiled statements, shared by the engines whose dialects are alike."""

    @staticmethod
    def _shared(key: tuple[Any, ...]) -> tuple[Any, ...]:
        dialect: Dialect = key[0]
        return (type(dialect), dialect.paramstyle, dialect.server_version_info, *key[1:])

    def __repr__(self) -> str:
        return "<compiled statements>"  # it is in the app's config, whose repr some tests read

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(self._shared(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(self._shared(key), compiled)


TEMPLATES = TemplateCode()
STATEMENTS = CompiledStatements()


def do_once(patch: pytest.MonkeyPatch) -> None:
    """Let libraries do once what they do for each app or connection."""
    patch.setattr(Rule, "_compile_builder", _builds_when_called(Rule._compile_builder))
    # It looks through the installed packages for each new connection.
    patch.setattr(redis.utils, "get_lib_version", functools.cache(redis.utils.get_lib_version))


def _builds_when_called(compile_builder: Callable[..., Any]) -> Callable[..., Any]:
    """Make the function that builds a rule's URLs when the first of them is asked for."""

    def compile_later(self: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        compiled: list[Callable[..., Any]] = []

        def build(rule: Rule, *values: Any, **named: Any) -> Any:
            if not compiled:
                compiled.append(compile_builder(self, append_unknown))
            return compiled[0](rule, *values, **named)

        return build

    return compile_later
