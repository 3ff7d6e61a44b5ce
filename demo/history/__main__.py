"""``python -m demo.history``: with the demo's environment (DATABASE_URL …)."""

from __future__ import annotations

import argparse

from demo.history import fill_in


def main() -> None:
    """Fill in one assistant's history."""
    parser = argparse.ArgumentParser(prog="python -m demo.history", description=__doc__)
    parser.add_argument("--assistant", default="ast_support")
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()

    from demo.host import create_app

    with create_app().app_context():
        written = fill_in(given.assistant, given.days, given.seed)
    print(
        f"{given.assistant}: {written} messages." if written else f"{given.assistant} has a history already."
    )


if __name__ == "__main__":
    main()
