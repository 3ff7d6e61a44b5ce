"""The words the plugin brings along: what the assistant is told, and what a texter reads on failure."""

from __future__ import annotations

from illumichat_sms_plugin.services.channels import Channel

MAX_GUIDELINES_LENGTH = 4000
DEFAULT_GUIDELINES = """\
You are answering by text message (SMS).
- Write plain text: no Markdown, no headings, no tables.
- Be short: one to three sentences, best under 320 characters. Put the answer first.
- Ask at most one question at a time.
- Write links out in full.
- If you do not know something, say so and say who can help."""

DEFAULT_APOLOGY = "Sorry, I can't answer right now. Please try again in a few minutes."


def instructions_for(channel: Channel) -> str:
    """What the assistant is told beside its own system prompt."""
    guidelines = channel.guidelines or DEFAULT_GUIDELINES
    return f"{guidelines}\nYour answer is cut after {channel.max_message_length} characters."


def apology_for(channel: Channel) -> str:
    """What a texter reads when the assistant failed for good."""
    return channel.apology or DEFAULT_APOLOGY
