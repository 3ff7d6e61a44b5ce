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


RULES: dict[tuple[Any, ...], tuple[Any, Any, dict[str, Any]]] = {}
"""The parts, the trace and the converters of a URL rule. The converters keep the first app's map; none of ours reads it."""
BUILDERS: dict[tuple[Any, ...], Callable[..., Any]] = {}
"""What builds the URLs of a rule."""


def do_once(patch: pytest.MonkeyPatch) -> None:
    """Let libraries do once what they do for each app or connection."""
    patch.setattr(Rule, "_compile_builder", _build_when_asked(Rule._compile_builder))
    patch.setattr(Rule, "compile", _compile_once(Rule.compile))
    # It looks through the installed packages for each new connection.
    patch.setattr(redis.utils, "get_lib_version", functools.cache(redis.utils.get_lib_version))


def _compile_once(compile_rule: Callable[[Rule], None]) -> Callable[[Rule], None]:
    """Compile a URL rule for the first app that has it."""

    def compile_or_copy(self: Rule) -> None:
        host = self.host if self.map.host_matching else self.subdomain
        key = (self.rule, host, self.merge_slashes, *self.map.converters.items())
        if key not in RULES:
            compile_rule(self)
            RULES[key] = (self._parts, self._trace, self._converters)
            return
        self._parts, self._trace, self._converters = RULES[key]
        self.arguments.update(self._converters)
        self._build = self._compile_builder(False).__get__(self, None)
        self._build_unknown = self._compile_builder(True).__get__(self, None)

    return compile_or_copy


def _build_when_asked(compile_builder: Callable[..., Any]) -> Callable[..., Any]:
    """Make the function that builds a rule's URLs when the first of them is asked for, for all apps."""

    def compile_later(self: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        def build(rule: Rule, /, **values: Any) -> Any:
            key = (append_unknown, str(rule.defaults), *map(type, rule._converters.values()), *rule._trace)
            if key not in BUILDERS:
                BUILDERS[key] = compile_builder(rule, append_unknown)
            return BUILDERS[key](rule, **values)

        return build

    return compile_later
