"""Marks of a model's template and of its retrieval, which mean nothing to the person who reads the answer."""

from __future__ import annotations

import re
import unicodedata

from illumichat_sms_plugin.text.machine.quoted_code import QuotedCode

_TOKEN = re.compile(r"<[|｜][^<>|｜\n]{1,60}[|｜]>|<(?:start|end)_of_turn>|<</?SYS>>|\[/?INST\]")
_OPENING = re.compile(
    r"\s*(?:(?:<[|｜](?:im_start|start_header_id|start)[|｜]>|<start_of_turn>)"
    r"\s*(?:assistant|system|user|model)?\s*(?:<[|｜]end_header_id[|｜]>)?|" + _TOKEN.pattern + ")",
    re.IGNORECASE,
)
_TURN_ENDS = re.compile(
    r"(?:<[|｜](?:im_end|eot_id|eom_id|endoftext|end|return|call|end▁of▁sentence)[|｜]>|<end_of_turn>)"
    r"(?=\s*(?:\Z|<[|｜]|<start_of_turn>)|[ \t]*\n)",
    re.IGNORECASE,
)
_CHANNEL = re.compile(r"<\|channel\|>\s{0,9}(\w{1,40})[^<]{0,200}(?:<\|constrain\|>[^<]{0,60})?<\|message\|>")
_CITATION = re.compile(
    r"[ \t]{0,9}(?:"
    r"【[^【】\n]{0,80}†[^【】\n]{0,80}】|【\d+:\d+】"
    r"|\ue200[^\ue200\ue201\n]{0,400}\ue201|\bcite(?:[\ue202\ue206]?turn\d{1,4}[a-z]{1,20}\d{1,4})+"
    r"|\[cite:[^\[\]\n]{0,200}\]|\[cite_(?:start|end)\]|\[citation:[^\[\]\n]{0,60}\]|\[\^\d{1,4}\^\]"
    r"|:contentReference\[oaicite:\d{1,4}\](?:\{[^{}\n]{0,60}\})?|\[oaicite:\d{1,4}\]"
    r")"
)


def without_template(text: str) -> str:
    """Without the tokens that a model's template puts around a turn, and without turns that the model made up."""
    if "<" not in text and "[" not in text:
        return text
    text = _final_channel(text)
    start = 0
    while opened := _OPENING.match(text, start):
        start = opened.end()
    quoted = QuotedCode(text)
    end = next((m.start() for m in _TURN_ENDS.finditer(text, start) if m.start() not in quoted), len(text))
    shown = _TOKEN.sub(
        lambda found: found.group() if found.start() + start in quoted else "", text[start:end]
    )
    return shown.strip()


def _final_channel(text: str) -> str:
    """Of a text in channels, the last one for people; "" when all of it was for machines."""
    channels = list(_CHANNEL.finditer(text))
    if not channels:
        return text
    final = [found for found in channels if found.group(1).lower() == "final"]
    return text[final[-1].end() :] if final else text[: channels[0].start()]


def without_citations(text: str) -> str:
    """Without marks that point into a retrieval that the texter has not seen, and without private characters."""
    text = _CITATION.sub(_gap, text)
    if text.isascii():
        return text
    return "".join(char for char in text if unicodedata.category(char) != "Co")


def _gap(found: re.Match[str]) -> str:
    """A space where two words would grow together."""
    before = found.string[found.start() - 1 : found.start()]
    after = found.string[found.end() : found.end() + 1]
    return " " if before.isalnum() and after.isalnum() else ""
