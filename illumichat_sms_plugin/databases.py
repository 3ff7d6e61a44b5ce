"""The kinds of databases that the plugin works on."""

from __future__ import annotations

import re

from illumichat_sms_plugin.errors import StartRefused

KNOWN = ("postgresql", "sqlite")
_SCHEMA = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


def refuse_other_database(dialect: str) -> None:
    """StartRefused for a database of another kind, by SQLAlchemy's name of its dialect."""
    if dialect not in KNOWN:
        raise StartRefused(
            f"The SMS channel works on PostgreSQL and SQLite, not on {dialect}: give it a PostgreSQL database of its own "
            "among SQLALCHEMY_BINDS and name that in SMS_DATABASE_BIND. Nothing was created."
        )


def refuse_odd_schema(dialect: str, schema: str) -> None:
    """StartRefused for a name that no schema has, or a database that has none."""
    if schema and not _SCHEMA.fullmatch(schema):
        raise StartRefused("SMS_DATABASE_SCHEMA must be the plain name of a schema, such as app.")
    if schema and dialect != "postgresql":
        raise StartRefused("SMS_DATABASE_SCHEMA is for PostgreSQL; leave it empty with SQLite.")


def search_in(schema: str) -> str:
    """The statement after which unqualified names mean tables of ``schema``, until the transaction ends."""
    return f'SET LOCAL search_path TO "{schema}"'
