"""What the host did with an erased texter's chats and contact, in words for an admin."""

from __future__ import annotations

from illumichat_sms_plugin.services.texters.erase_at_host import AtHost, ErasedAtHost

_WORDS = {
    AtHost.NOTHING: "",
    AtHost.ERASED: "{what} is erased on the platform, too.",
    AtHost.KEPT: "{what} is not erased: the platform keeps it by its own rules.",
    AtHost.WAITING: "{what} is not erased yet: the platform could not do it now, and is asked again.",
    AtHost.NOT_ASKED: "{what} is not erased: delete it on the platform.",
}


def in_words(at_host: ErasedAtHost) -> str:
    """Up to two sentences; empty when the host kept nothing."""
    said = (_WORDS[at_host.chats].format(what="The chat"), _WORDS[at_host.contact].format(what="The contact"))
    return " ".join(sentence for sentence in said if sentence)
