"""``python -m demo.host``: serve the host with waitress."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from types import FrameType

import click
import waitress

from demo.host import create_app

THREADS = 8
MAX_BODY = 2 * 1024 * 1024


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m demo.host", description="Serve the demo host.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on; 0 takes a free one (8000)")
    parser.add_argument("--threads", type=int, default=THREADS, help=f"requests answered at once ({THREADS})")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        app = create_app()
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    server = waitress.create_server(
        app,
        host=given.host,
        port=given.port,
        threads=given.threads,
        max_request_body_size=MAX_BODY,
        ident="demo host",
    )
    signal.signal(signal.SIGTERM, _stop)
    print(f"The demo host listens on http://{given.host}:{server.effective_port}", flush=True)
    server.run()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)  # waitress ends its threads on SystemExit


if __name__ == "__main__":
    main()
