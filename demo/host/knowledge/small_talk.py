"""Greetings, thanks, and who it is that answers."""

from __future__ import annotations

import re
from dataclasses import dataclass

GREETING = r"hi+|hello+|hey+|hiya|howdy|yo|hola|greetings|good (?:morning|afternoon|evening|day)"
THANKS = r"thanks?(?: you| u)?|thank|cheers|much appreciated|appreciate it|that helps|very helpful"
FAREWELL = (
    r"bye|bye bye|goodbye|good ?night|see (?:you|ya)|take care|have a (?:nice|good|great) (?:day|one|weekend)"
)
AGREEMENT = (
    r"ok|okay|k|kk|great|cool|nice|perfect|awesome|wonderful|good|fine|sure|yes|yep|yeah|yup|alright|all right|"
    r"got it|i see|sounds good|will do|👍|🙏|😊|👌"
)
NO = r"no|nope|nah|no thanks|nothing|that'?s all|that is all|nothing else"
IDENTITY = (
    r"who (?:are|r) (?:you|u|this)|who is (?:this|that|it)|who'?s (?:this|that|there)|what are you|"
    r"what(?:'s| is) your name|(?:are|r) (?:you|u) (?:a |an )?(?:real|human|bot|robot|machine|person|ai|computer|chatbot|"
    r"automated|live)|am i (?:talking|speaking|chatting|texting) (?:to|with)|is (?:this|that) (?:a |an )?(?:bot|robot|human|"
    r"real person|person|machine|ai|automated)"
)
WELL_BEING = r"how are (?:you|things)|how(?:'s| is) it going|how do you do|what'?s up|sup"
ABILITIES = (
    r"what (?:can|do) you (?:do|know|help)|what can i ask|how can you help|can you help|help me|i need help|"
    r"^(?:help|menu|options|info)$|what (?:topics|questions)"
)
FILLER = r"there|again|so much|very much|a lot|all|everyone|team|man|mate|then|for now|and|oh|well|you too|please|it|for (?:your|the) help"

ABOUT_THE_ASSISTANT = (
    (
        IDENTITY,
        30,
        "I'm {speaker.name}, the automated assistant of {speaker.company}. I can help with {speaker.topics}.",
    ),
    (ABILITIES, 9, "I can help with {speaker.topics}. Just ask."),
    (WELL_BEING, 8, "I'm doing well, thank you. What can I do for you?"),
)
"""Pattern, the most words a text may have to mean just that, and the answer."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who the assistant is, and what it can talk about."""

    name: str
    company: str
    welcome: str
    topics: str


def small_talk(text: str, speaker: Speaker, *, first: bool) -> str | None:
    """The answer to a text that asks nothing of the documents; None when it may.

    ``text`` is normalised; ``first`` says that the assistant has not spoken yet in this chat.
    """
    length = len(text.split())
    for pattern, longest, say in ABOUT_THE_ASSISTANT:
        if length <= longest and re.search(rf"\b(?:{pattern})\b", text):
            return say.format(speaker=speaker)
    kinds = _kinds(text)
    return _reply(kinds, speaker, first=first) if kinds else None


def _reply(kinds: set[str], speaker: Speaker, *, first: bool) -> str:
    parting = bool(kinds & {"no", "farewell"})
    if "thanks" in kinds:
        return "You're welcome! " + ("Have a good day!" if parting else "Is there anything else?")
    if parting:
        return "All right. Have a good day!"
    if "greeting" not in kinds:
        return "Good. Is there anything else I can help with?"
    if not first:
        return "Hello again! What can I do for you?"
    return speaker.welcome or f"Hello! This is {speaker.name}. How can I help?"


def _kinds(text: str) -> set[str]:
    """Which pleasantries a text is made of; empty when there is more to it."""
    left, kinds = text, set[str]()
    for kind, pattern in (
        ("thanks", THANKS),
        ("farewell", FAREWELL),
        ("greeting", GREETING),
        ("no", NO),
        ("agreement", AGREEMENT),
    ):
        left, found = re.subn(rf"(?<!\w)(?:{pattern})(?!\w)", " ", left)
        if found:
            kinds.add(kind)
    left = re.sub(rf"(?<!\w)(?:{FILLER})(?!\w)", " ", left)
    return set() if re.search(r"\w", left) else kinds
