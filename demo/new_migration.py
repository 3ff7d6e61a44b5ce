"""``./run migration "what changes"``: write the migration from the tables of the last one to the models of today.

Read what it wrote before you commit it: a renamed column comes out as one dropped and one added.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from sqlalchemy import create_engine

from illumichat_sms_plugin import migrating


def main() -> None:
    """Compare an empty database at the newest migration with the models."""
    parser = argparse.ArgumentParser(prog="./run migration", description=__doc__)
    parser.add_argument("message", help="what changes, in a few words")
    message: str = parser.parse_args().message
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{Path(folder) / 'newest.sqlite'}")
        migrating.upgrade(engine)
        migrating.new_revision(engine, message)
        engine.dispose()


if __name__ == "__main__":
    main()
