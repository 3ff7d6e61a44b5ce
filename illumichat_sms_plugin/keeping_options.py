"""How long a channel keeps its texts. channel_options.py has the other options."""

from __future__ import annotations

from dataclasses import dataclass

from illumichat_sms_plugin.answering_options import AnsweringOptions
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.option_declarations import declare
from illumichat_sms_plugin.option_kinds import Number, Switch
from illumichat_sms_plugin.option_places import Section

SHORTEST_DAYS, LONGEST_DAYS = 30, 3650
"""Between these a channel's retention lies, and an operator's bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepingOptions(AnsweringOptions):
    """What is kept, and for how long, in the order of the form."""

    keep_days: int = declare(
        0,
        Number(
            label=say("Keep texts"),
            help=say(
                "Days after which texts are deleted with all that belongs to them, and the lines of the audit: 30 to 3650. A session without any "
                "text left is deleted, too; its opt-out stays in force. Figures stay. 0 means for ever."
            ),
            section=Section.KEEPING,
            low=0,
            least=SHORTEST_DAYS,
            high=LONGEST_DAYS,
            unit=say("days"),
            zero=say("for ever"),
        ),
    )
    delete_at_twilio: bool = declare(
        False,
        Switch(
            label=say("Delete at Twilio, too"),
            help=say(
                "Texts whose days are over are then deleted from your Twilio account's log as well, with their attachments. "
                "Otherwise Twilio keeps them by your account's own settings."
            ),
            section=Section.KEEPING,
        ),
    )
