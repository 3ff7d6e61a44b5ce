"""The Flask app a job runs in.

``flask sms worker`` gives each job its app context. Under a plain ``rq worker`` there is none, so
the app named by ``FLASK_APP`` is loaded when the first job needs it, never at import.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from flask import Flask, has_app_context
from flask.cli import ScriptInfo


@contextmanager
def job_context() -> Iterator[None]:
    """The app context that is there, or one of the app named by ``FLASK_APP``."""
    if has_app_context():
        yield
        return
    with _app().app_context():
        yield


@cache
def _app() -> Flask:
    return ScriptInfo(app_import_path=os.environ.get("FLASK_APP")).load_app()
