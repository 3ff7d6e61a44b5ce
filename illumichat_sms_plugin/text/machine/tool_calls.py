"""Calls of tools and their results: data between tags, in a list, or as the whole answer."""

from __future__ import annotations

import json
import re

from illumichat_sms_plugin.text.machine.quoted_code import QuotedCode, before_blanks

_NAME = (
    r"(?:\w{1,20}:)?(?:tool_calls?|tool_use|tool_code|tool_results?|tool_response|"
    r"function_calls?|function_results?|invoke|function)"
)
_OPENED = re.compile(rf"<({_NAME})((?:[\s=][^<>]{{0,300}})?)>[ \t]*", re.IGNORECASE)
_LIST = "[TOOL_CALLS]"
_FENCED = re.compile(r"\A```(?:json|tool_code|tool_call)?\s*\n(.*?)\n?```\s*\Z", re.DOTALL)
_KEYS = (
    {"name", "arguments"},
    {"name", "parameters"},
    {"tool", "arguments"},
    {"tool_calls"},
    {"function_call"},
    {"action", "action_input"},
)
"""What makes an object of JSON a call."""
MAX_JSON = 20_000


def without_tool_calls(text: str) -> str:
    """The text without calls and results; an unclosed one goes to the end of the text."""
    listed = text.find(_LIST)
    if listed >= 0 and text.endswith(("]", "}")):
        text = text[:listed]
    if "<" not in text:
        return text
    kept, place, quoted, lowered = [], 0, QuotedCode(text), text.lower()
    while found := _OPENED.search(text, place):
        if not _is_call(text, found, quoted):
            kept.append(text[place : found.end()])
            place = found.end()
            continue
        kept.append(text[place : found.start()])
        closing = f"</{found.group(1).lower()}>"
        end = lowered.find(closing, found.end())
        place = end + len(closing) if end >= 0 else len(text)
    return "".join([*kept, text[place:]])


def _is_call(text: str, found: re.Match[str], quoted: QuotedCode) -> bool:
    """Whether a tag opens a call: it has attributes, data follows, or it begins the answer or a line."""
    if found.start() in quoted:
        return False
    data_follows = text[found.end() : found.end() + 1] in ("{", "[", "<", "\n")
    return bool(found.group(2).strip()) or data_follows or before_blanks(text, found.start()) in ("", "\n")


def is_tool_call(text: str) -> bool:
    """Whether the whole text is the JSON of a call."""
    fenced = _FENCED.match(text) if text.startswith("```") else None
    inner = fenced.group(1).strip() if fenced else text
    if len(inner) > MAX_JSON or inner[:1] not in ("{", "[") or inner[-1:] not in ("}", "]"):
        return False
    try:
        data = json.loads(inner)
    except (ValueError, RecursionError):
        return False
    first = data[0] if isinstance(data, list) and data else data
    return isinstance(first, dict) and any(keys <= first.keys() for keys in _KEYS)
