"""Servers of tests in threads of the test process."""

from __future__ import annotations

import threading
from socketserver import BaseServer

POLL = 0.02
"""Seconds that ``shutdown()`` may wait at most; by default half a second, which a thousand tests would pay."""


def serve(server: BaseServer) -> threading.Thread:
    """Answer in a thread until ``server.shutdown()`` is called."""
    thread = threading.Thread(target=server.serve_forever, args=(POLL,), daemon=True)
    thread.start()
    return thread
