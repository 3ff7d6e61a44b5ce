"""What the assistant is told and what a texter reads where an admin has set no words of their own."""

from __future__ import annotations

DEFAULT_GUIDELINES = """\
You are answering by text message (SMS).
- Write plain text: no Markdown, no headings, no tables.
- Be short: one to three sentences, best under 320 characters. Put the answer first.
- Ask at most one question at a time.
- Write links out in full.
- If you do not know something, say so and say who can help."""

DEFAULT_APOLOGY = "Sorry, I can't answer right now. Please try again in a few minutes."

DEFAULT_CONFIRMATION = "You will get no more texts from this number. Reply START to get them again."
DEFAULT_CLARIFICATION = (
    "If you want no more texts from us, reply STOP. With any other reply we go on as before."
)

DEFAULT_TAKE_OVER = "A person has taken over and answers you from here on."

DEFAULT_INTRODUCTION = "AI assistant of {workspace}. Reply STOP to opt out."
WORKSPACE = "{workspace}"
"""Stands for the workspace's name in an introduction."""
