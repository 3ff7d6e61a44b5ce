"""``flask --app demo.host demo …``."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup

from demo.host import seed as seeding
from demo.host.database import transaction

demo_commands = AppGroup("demo", help="The demo host.")


def init_app(app: Flask) -> None:
    """Add the commands to ``app``."""
    app.cli.add_command(demo_commands)


@demo_commands.command()
def seed() -> None:
    """Add two workspaces with people, assistants, contacts and API keys; what is there stays."""
    with transaction() as session:
        added = seeding.seed(session)
    click.echo(f"Seeded: {added} things are new." if added else "Seeded already: nothing is new.")
