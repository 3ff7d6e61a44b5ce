"""What the page after an action in a session says."""

from __future__ import annotations

from illumichat_sms_plugin.languages.wording import joined, say
from illumichat_sms_plugin.services.texters.erase_at_host import AtHost, ErasedAtHost
from illumichat_sms_plugin.services.texters.erased_words import in_words

ERASED = say("The texter was erased. What Twilio has is deleted in the next minutes.")


def note_of(at_host: ErasedAtHost) -> str:
    """The name of the note after a texter was erased."""
    return f"erased_{at_host.chats}_{at_host.contact}"


def _erased(at_host: ErasedAtHost) -> str:
    return joined(" ", [sentence for sentence in (ERASED, in_words(at_host)) if sentence])


DONE = {
    "resent": say("The text was handed to Twilio again. Its state is shown below."),
    "dismissed": say("The text is left as it is."),
    "replayed": say("The assistant is asked again. Reload in a few seconds to see its answer."),
    "opted_out": say("This number gets no more texts until it opts in again."),
    "opted_in": say("This number gets answers again."),
    "blocked": say("This number gets no more answers until you unblock it."),
    "unblocked": say("This number is answered again."),
    "awake": say("The next text of this number is answered again."),
    "sent": say("The text is on its way. Its state is shown below."),
    "taken_over": say("You answer now; the assistant is silent until you hand back."),
    "handed_back": say("The assistant answers again, including the texts that have no answer yet."),
    "discarded": say("The suggestion is discarded; nothing goes out for it."),
    "decided": say("Somebody had decided on this suggestion already."),
    "unchanged": say("Nothing had to be changed: it was like that already."),
    **{
        note_of(ErasedAtHost(chats, contact)): _erased(ErasedAtHost(chats, contact))
        for chats in AtHost
        for contact in AtHost
    },
}
"""What the page after an action says."""
