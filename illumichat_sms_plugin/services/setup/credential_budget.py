"""How often credentials may be tried, whichever way: tested, saved or rotated.

They share one budget: a person who has used up the tests could otherwise save a guessed token to see what Twilio
says about it.
"""

from __future__ import annotations

from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.services.rate_limit import spend

PER_PERSON, PER_WORKSPACE = 20, 60
PERIOD = 600
"""Seconds in which a person may try PER_PERSON times, and all of a workspace PER_WORKSPACE times."""
TOO_OFTEN = say("Credentials were tested or changed too often.")


def spend_try(by: Person, workspace_id: str) -> None:
    """Count one more try; RateLimited when the person's or the workspace's are used up."""
    spend(f"test/person/{by.id}", limit=PER_PERSON, period=PERIOD, too_often=TOO_OFTEN)
    spend(f"test/workspace/{workspace_id}", limit=PER_WORKSPACE, period=PERIOD, too_often=TOO_OFTEN)
