"""``python -m demo.launcher.prepare``: the tables of host and plugin, and the people and assistants in them.

The same as ``flask db upgrade``, ``flask sms upgrade`` and ``flask demo seed``, in one process, since
loading the app is what takes the time. Doing it again changes nothing.
"""

from __future__ import annotations

import sys

import click
from flask.cli import FlaskGroup

from demo.host import create_app

STEPS = (("db", "upgrade"), ("sms", "upgrade"), ("demo", "seed"))


def main() -> int:
    """Take the steps; the exit code of the first that fails, or 0."""
    app = create_app()
    group = FlaskGroup(create_app=lambda: app)
    for step in STEPS:
        try:
            group.main(args=list(step), prog_name="flask", standalone_mode=False)
        except click.ClickException as error:
            error.show()
            return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
