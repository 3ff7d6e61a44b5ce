"""The words the plugin brings along: what the assistant is told, and what a texter reads on failure."""

from __future__ import annotations

from illumichat_sms_plugin.channel_options import DEFAULT_APOLOGY, DEFAULT_GUIDELINES
from illumichat_sms_plugin.services.channels import Channel


def instructions_for(channel: Channel) -> str:
    """What the assistant is told beside its own system prompt."""
    guidelines = channel.options.guidelines or DEFAULT_GUIDELINES
    return f"{guidelines}\nYour answer is cut after {channel.options.max_message_length} characters."


def apology_for(channel: Channel) -> str:
    """What a texter reads when the assistant failed for good."""
    return channel.options.apology or DEFAULT_APOLOGY
