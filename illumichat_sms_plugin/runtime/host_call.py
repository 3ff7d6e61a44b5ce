"""How the host's code is called where no request is being answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app, has_request_context


@contextmanager
def host_call() -> Iterator[None]:
    """Call the host in an app context of its own, whose end also ends what the host has begun in ``db.session``.

    A scoped session keeps its connection until its app context ends. A host that only reads does not commit, and so
    each conversation would keep one connection while ours wants another: with the whole pool in hosts' sessions nobody
    goes on. Inside a request the host's own context stays, for it knows who is calling.

    What the host returns may belong to its session: read what is needed of it inside the block.
    """
    if has_request_context():
        yield
        return
    with current_app.app_context():
        yield
