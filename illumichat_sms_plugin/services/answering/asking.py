"""Ask the host's assistant for its next answer, and make that fit for SMS."""

from __future__ import annotations

from dataclasses import dataclass

from illumichat_sms_plugin.host import Answer, AnswerRequest, Contact
from illumichat_sms_plugin.picture_address import public_picture
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.runtime.host_call import host_call
from illumichat_sms_plugin.services.answering.guidelines import instructions_for
from illumichat_sms_plugin.services.answering.introduction import introduce, introduction_for
from illumichat_sms_plugin.services.answering.pictures import Picture, picture_of
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.text.reply_text import Cut
from illumichat_sms_plugin.twilio_gateway.webhook_forms import clean_text

LONGEST_HANDOFF = 200
"""Characters of why a person is to answer. A model may have written it, so it may be anything."""


class EmptyAnswerError(Exception):
    """The assistant returned no text."""


@dataclass(frozen=True, slots=True)
class Said:
    """The answer fit for SMS, or None when a person is to answer; ``handoff`` says why, if the assistant wants that."""

    cut: Cut | None
    handoff: str = ""
    media_url: str = ""
    """A picture that goes out with it."""


def request_for(
    runtime: Runtime, channel: Channel, *, chat_id: str, contact: Contact | None, number: str
) -> AnswerRequest:
    """What the assistant is asked."""
    return AnswerRequest(
        assistant_id=channel.assistant_id,
        chat_id=chat_id,
        instructions=instructions_for(channel),
        channel="sms",
        timeout=runtime.settings.assistant_timeout,
        contact=contact,
        number=number,
    )


def ask_assistant(
    runtime: Runtime, channel: Channel, request: AnswerRequest, *, sender: str | None, introduces: bool
) -> Said:
    """What the assistant says to the chat as it stands; ``introduces`` puts the introduction before it.

    ``sender`` is the number that it goes out from. Without one nothing goes out, and a picture is its address in words.

    Raises what the host raises, and EmptyAnswerError.
    """
    with host_call():
        said = runtime.host.assistants.answer(request)
    answer = said if isinstance(said, Answer) else Answer(said)
    raw, handoff = answer.text, _one_line(answer.handoff or "")
    if raw is None or (handoff and not raw.strip()):
        return Said(None, handoff)
    introduction = introduction_for(runtime, channel) if introduces else ""
    picture = _picture(runtime, channel, sender, answer.media_url)
    words = "\n\n".join(part for part in (raw, picture.words) if part)
    cut = introduce(introduction, words, channel.options)
    if not cut.shown.strip():
        raise EmptyAnswerError
    return Said(cut, handoff, picture.media_url)


def _one_line(words: str) -> str:
    """What a database and a page take of them; never empty where something was said."""
    line = " ".join(clean_text(words[: 10 * LONGEST_HANDOFF]).split())[:LONGEST_HANDOFF].strip()
    return line or ("A person is to answer." if words.strip() else "")


def _picture(runtime: Runtime, channel: Channel, sender: str | None, url: str) -> Picture:
    if sender is None:
        return Picture(words=public_picture(url or "") or "")
    return picture_of(runtime, channel, sender, url)
