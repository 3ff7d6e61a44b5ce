"""Ninety days of believable traffic for one assistant, written in a few seconds.

    flask --app demo.host demo history          what ``./run demo --history`` calls
    python -m demo.history --assistant ast_support --days 90 --seed 1

The same seed makes the same days again. Nothing of it reaches Twilio, the queue or the assistant.
"""

from demo.history.write import seed_history

__all__ = ["seed_history"]
