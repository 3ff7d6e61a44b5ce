"""Which of the host's databases the plugin's tables are in, and in which schema."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakSet

from flask import Flask, current_app
from sqlalchemy import Engine

from illumichat_sms_plugin.databases import refuse_odd_schema, refuse_other_database
from illumichat_sms_plugin.errors import StartRefused

EXTENSION = "illumichat_sms_database"


@dataclass(frozen=True, slots=True)
class WhichDatabase:
    """Empty for the host's default: its default engine, and the schema that the role finds first."""

    bind: str = ""
    schema: str = ""
    isolated: bool = False
    """Whether the host's engine has an isolation of its own, in whose place ours is READ COMMITTED."""


DEFAULT = WhichDatabase()
_FORKED: WeakSet[Engine] = WeakSet()


def use_database(app: Flask, which: WhichDatabase) -> None:
    """Take this database from now on; StartRefused when there is none such, or it is of a kind that does not work."""
    with app.app_context():
        found = _engine_or_refuse(which)
        refuse_other_database(found.dialect.name)
        refuse_odd_schema(found.dialect.name, which.schema)
        app.extensions[EXTENSION] = replace(which, isolated=_is_isolated(found))
        if found.dialect.name == "postgresql":
            _FORKED.add(found)


def chosen() -> WhichDatabase:
    """The choice of the current app."""
    which: WhichDatabase = current_app.extensions.get(EXTENSION, DEFAULT)
    return which


def engine() -> Engine:
    """The host's engine that was chosen, with transactions as ours have to be: in AUTOCOMMIT nothing would be one, and
    a stricter isolation would refuse what locks and conditions settle already."""
    which = chosen()
    found = _engine(current_app.extensions["sqlalchemy"], which.bind)
    return found.execution_options(isolation_level="READ COMMITTED") if which.isolated else found


def _is_isolated(found: Engine) -> bool:
    if found.dialect.name != "postgresql":
        return False
    of_engine = getattr(found.dialect, "_on_connect_isolation_level", None)  # it has no public name
    level = found.get_execution_options().get("isolation_level") or of_engine or "READ COMMITTED"
    return str(level).replace("_", " ").upper() != "READ COMMITTED"


def _engine(host_database: Any, bind: str) -> Engine:
    found: Engine = host_database.engines[bind] if bind else host_database.engine
    return found


def _engine_or_refuse(which: WhichDatabase) -> Engine:
    host_database = current_app.extensions["sqlalchemy"]
    try:
        return _engine(host_database, which.bind)
    except KeyError:
        binds = ", ".join(sorted(str(name) for name in host_database.engines if name)) or "none"
    if which.bind:
        raise StartRefused(f"SMS_DATABASE_BIND names {which.bind!r}; SQLALCHEMY_BINDS has {binds}.")
    raise StartRefused(
        f"The host has no SQLALCHEMY_DATABASE_URI: name one of SQLALCHEMY_BINDS ({binds}) in SMS_DATABASE_BIND."
    )


def _forget_the_parents_connections() -> None:
    """What was opened before a fork (gunicorn --preload) is the parent's: two processes on one connection hang."""
    for found in tuple(_FORKED):
        found.dispose(close=False)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_the_parents_connections)
