"""``python -m demo.launcher.prepare [NOTE…]``: the tables of host and plugin, and who and what is in them.

The same as ``flask db upgrade``, ``flask sms upgrade`` and ``flask demo seed``, in one process, since
loading the app is what takes the time. Doing it again changes nothing. Each NOTE is a file that says
what was done to this database before; when there are no tables yet, it is wrong and goes away.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from flask.cli import FlaskGroup

from demo.host import create_app
from demo.host.database import db
from illumichat_sms_plugin import migrating

STEPS = (("db", "upgrade"), ("sms", "upgrade"), ("demo", "seed"))


def main() -> int:
    """Take the steps; the exit code, and for what was refused its sentence."""
    try:
        prepare([Path(note) for note in sys.argv[1:]])
    except click.ClickException as error:
        error.show()
        return error.exit_code
    return 0


def prepare(notes: Sequence[Path]) -> None:
    """Take the steps; ClickException for a wrong setting, a plugin that does not start, a step that fails."""
    app = create_app()
    with app.app_context():
        if migrating.current_revision(db.engine) is None:
            for note in notes:
                note.unlink(missing_ok=True)
    group = FlaskGroup(create_app=lambda: app)
    for step in STEPS:
        group.main(args=list(step), prog_name="flask", standalone_mode=False)


if __name__ == "__main__":
    sys.exit(main())
