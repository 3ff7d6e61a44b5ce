"""What a model writes for machines is no part of an answer: reasoning, tool calls, template tokens, citation marks.

It is taken out before anything else looks at the answer, so that the phone and the chat show the same words.
Talk *about* such a mark stays: a tag in the middle of a sentence, or in backticks, is what somebody says.
"""

from __future__ import annotations

import re

from illumichat_sms_plugin.text.machine.marks import without_citations, without_template
from illumichat_sms_plugin.text.machine.quoted_code import QuotedCode, before_blanks
from illumichat_sms_plugin.text.machine.tool_calls import is_tool_call, without_tool_calls

MAX_RAW = 100_000
"""Characters of a raw answer that are looked at: a model may think ten times as long as it speaks."""

_NAME = r"(?:\w{1,20}:)?(?:think|thinking|thoughts?|reasoning|reflection|scratchpad|antthinking|analysis)"
_OPENED = re.compile(rf"\s*(?:<{_NAME}(?:\s[^<>]{{0,200}})?>|\[THINK\]|◁think▷)", re.IGNORECASE)
_CLOSED = re.compile(rf"</{_NAME}\s*>|\[/THINK\]|◁/think▷", re.IGNORECASE)
_ANSWER = re.compile(r"<(final|final_answer|answer|response|output)>", re.IGNORECASE)


def without_machine_text(answer: str) -> str:
    """The answer as it is meant for a person; "" when nothing is left. Work is bounded for any size."""
    text = without_template(answer[:MAX_RAW].strip())
    text = without_tool_calls(_unwrapped(_without_reasoning(text)))
    text = without_citations(text).strip()
    return "" if is_tool_call(text) else text


def _without_reasoning(text: str) -> str:
    """Without the blocks of reasoning that it begins with, however they are opened and closed."""
    place = 0
    while opened := _OPENED.match(text, place):
        closed = _CLOSED.search(text, opened.end())
        if closed is None:
            final = _ANSWER.search(text, opened.end())
            return text[final.start() :] if final else ""
        place = closed.end()
    quoted = QuotedCode(text)
    while closed := _CLOSED.search(text, place):
        talked_about = _OPENED.search(text, place, closed.start()) or not _ends_a_thought(text, place, closed)
        if talked_about or closed.start() in quoted:
            break
        place = closed.end()
    return text[place:].strip()


def _ends_a_thought(text: str, start: int, closed: re.Match[str]) -> bool:
    """Whether a closing tag that nothing opened ends a block, and is not what a sentence speaks of."""
    before = before_blanks(text, closed.start(), start)
    after = text[closed.end() : closed.end() + 1]
    return before in ("", *"\n.!?:。！？") or after == "\n" or after.isalnum() or after in ("*", "#", "<")


def _unwrapped(text: str) -> str:
    """What stands between ``<answer>`` and ``</answer>`` when the text begins with it."""
    opened = _ANSWER.match(text)
    if not opened:
        return text
    end = text.lower().rfind(f"</{opened.group(1).lower()}>")
    return text[opened.end() : end if end >= opened.end() else len(text)].strip()
