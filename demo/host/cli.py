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


@demo_commands.command()
@click.option("--assistant", default="ast_support", show_default=True)
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 365))
@click.option("--seed", "dice", default=1, show_default=True, help="Another number makes another history.")
def history(assistant: str, days: int, dice: int) -> None:
    """Fill in the SMS traffic of the last days; an assistant that has some keeps it."""
    from demo.history import fill_in

    written = fill_in(assistant, days, dice)
    click.echo(f"Filled in: {written} messages." if written else "Filled in already: nothing is new.")
