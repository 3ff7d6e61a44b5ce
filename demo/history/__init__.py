"""Ninety days of believable traffic for one assistant, written in a few seconds.

    flask --app demo.host demo history --assistant ast_support --days 90 --seed 1

is what ``./run demo --history`` calls.

The same seed makes the same days again. Nothing of it reaches Twilio, the queue or the assistant.
"""

from demo.history.write import seed_history

__all__ = ["fill_in", "seed_history"]


def fill_in(assistant_id: str, days: int, seed: int) -> int:
    """The history of an assistant of the current app; returns how many messages, 0 when it has one."""
    from illumichat_sms_plugin.runtime import current_runtime

    return seed_history(current_runtime(), assistant_id, days, seed)
