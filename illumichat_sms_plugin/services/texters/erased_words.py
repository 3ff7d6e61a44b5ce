"""What the host did with an erased texter's chats and contact, in words for an admin."""

from __future__ import annotations

from illumichat_sms_plugin.languages.wording import joined, say
from illumichat_sms_plugin.services.texters.erase_at_host import AtHost, ErasedAtHost

_CHATS = {
    AtHost.ERASED: say("The chat is erased on the platform, too."),
    AtHost.KEPT: say("The chat is not erased: the platform keeps it by its own rules."),
    AtHost.WAITING: say("The chat is not erased yet: the platform could not do it now, and is asked again."),
    AtHost.NOT_ASKED: say("The chat is not erased: delete it on the platform."),
}
_CONTACT = {
    AtHost.ERASED: say("The contact is erased on the platform, too."),
    AtHost.KEPT: say("The contact is not erased: the platform keeps it by its own rules."),
    AtHost.WAITING: say(
        "The contact is not erased yet: the platform could not do it now, and is asked again."
    ),
    AtHost.NOT_ASKED: say("The contact is not erased: delete it on the platform."),
}


def in_words(at_host: ErasedAtHost) -> str:
    """Up to two sentences; empty when the host kept nothing."""
    said = (_CHATS.get(at_host.chats), _CONTACT.get(at_host.contact))
    return joined(" ", [sentence for sentence in said if sentence])
