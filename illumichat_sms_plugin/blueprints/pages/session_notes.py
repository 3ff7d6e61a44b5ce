"""What the page after an action in a session says."""

from __future__ import annotations

from illumichat_sms_plugin.services.texters.erase_at_host import AtHost, ErasedAtHost
from illumichat_sms_plugin.services.texters.erased_words import in_words

ERASED = "The texter was erased. What Twilio has is deleted in the next minutes."


def note_of(at_host: ErasedAtHost) -> str:
    """The name of the note after a texter was erased."""
    return f"erased_{at_host.chats}_{at_host.contact}"


DONE = {
    "resent": "The text was handed to Twilio again. Its state is shown below.",
    "dismissed": "The text is left as it is.",
    "replayed": "The assistant is asked again. Reload in a few seconds to see its answer.",
    "opted_out": "This number gets no more texts until it opts in again.",
    "opted_in": "This number gets answers again.",
    "blocked": "This number gets no more answers until you unblock it.",
    "unblocked": "This number is answered again.",
    "awake": "The next text of this number is answered again.",
    "sent": "The text is on its way. Its state is shown below.",
    "taken_over": "You answer now; the assistant is silent until you hand back.",
    "handed_back": "The assistant answers again, also what nobody has answered.",
    "discarded": "The suggestion is discarded; nothing goes out for it.",
    "decided": "Somebody had decided on this suggestion already.",
    "unchanged": "Nothing had to be changed: it was so already.",
    **{
        note_of(ErasedAtHost(chats, contact)): f"{ERASED} {in_words(ErasedAtHost(chats, contact))}".strip()
        for chats in AtHost
        for contact in AtHost
    },
}
"""What the page after an action says."""
