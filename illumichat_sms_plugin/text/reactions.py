"""Tapbacks: the text a phone sends when its owner only taps a heart. Nobody expects an answer to it.

iPhones write ``Loved “See you”``, Google Messages ``👍 to “See you”``, each in the phone's language.
The wordings below are those that phones are known to send; an ordinary sentence, even one that
begins like them, is none.
"""

from __future__ import annotations

import regex

LONGEST = 2000
"""Characters: a tapback quotes one message, mostly shortened."""

_EMOJI = r"(?:\p{Extended_Pictographic}|\p{Regional_Indicator}|[0-9#*]\uFE0F?\u20E3)[\p{M}\p{Cf}\p{Emoji_Modifier}\p{Extended_Pictographic}\p{Regional_Indicator}]*+"
_QUOTED = (
    r"(?:“(?:[^“”]++|“(?:[^“”]*”)?)+”|„(?:[^“”„]++|„[^“”„]*[“”])+[“”]|«(?:[^«»]++|«[^«»]*»)+»"
    r"|\"(?:[^\"]++|(?<=\s)\"[^\"]*\")+\")"
)
"""One quotation to the very end, others only inside it: ``Liked "this" and "that"`` is a sentence."""
_THING_EN = (
    r"an? (?:image|photo|picture|movie|video|GIF|attachment|audio message|voice message|sticker|link|message)"
)
_THING_ES = r"una? (?:imagen|foto|video|vídeo|archivo adjunto|mensaje de audio)"
_THING_FR = r"une? (?:image|photo|vidéo|pièce jointe|message audio)"

_REACTION = regex.compile(
    "|".join(
        (
            rf"(?:Liked|Loved|Disliked|Laughed at|Emphasi[sz]ed|Questioned) (?:{_QUOTED}|{_THING_EN})",
            rf"Reacted (?:{_EMOJI}|with an? sticker) to (?:{_QUOTED}|{_THING_EN})",
            rf"Removed (?:an? (?:like|heart|dislike|laugh|exclamation|question mark|reaction|sticker)|{_EMOJI}) from (?:{_QUOTED}|{_THING_EN})",
            rf"{_EMOJI} (?:to|a|à|zu|para) {_QUOTED}",
            rf"(?:Le (?:gustó|encantó|dio risa)|No le gustó|Exclamó por|Dudó sobre) (?:{_QUOTED}|{_THING_ES})",
            rf"Reaccionó con {_EMOJI} a (?:{_QUOTED}|{_THING_ES})",
            rf"(?:A aimé|A adoré|N'a pas aimé|A ri de|A souligné|A mis en évidence) (?:{_QUOTED}|{_THING_FR})",
            rf"A réagi (?:avec )?{_EMOJI} à (?:{_QUOTED}|{_THING_FR})",
            rf"[Aa] (?:attribué|retiré) la (?:mention|réaction) (?:«[^»]{{1,20}}»|{_EMOJI}) (?:à|de) {_QUOTED}",
        )
    ),
    regex.DOTALL,
)


def is_reaction(body: str) -> bool:
    """Whether ``body`` is a phone's words for a tap on a message, such as ``Liked “See you”``."""
    if len(body) > LONGEST:
        return False
    visible = body.replace("\u200a", "").replace("\u200b", "").replace("\ufeff", "")
    text = visible.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'").strip()
    return _REACTION.fullmatch(text) is not None
