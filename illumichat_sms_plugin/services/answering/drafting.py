"""What goes out for a move: the words, from which number, and what they answer."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from illumichat_sms_plugin.quiet_hours import day_left, zones_of
from illumichat_sms_plugin.services.answering.chat_log import (
    ANSWER,
    BATCH,
    FIRST,
    PERSON,
    ChatLog,
    Entry,
    with_picture,
)
from illumichat_sms_plugin.services.answering.guidelines import plugin_words
from illumichat_sms_plugin.services.answering.moves import (
    Confirm,
    PluginWords,
    Say,
    Send,
    SendByPerson,
    SendRest,
)
from illumichat_sms_plugin.services.answering.outgoing import Draft, Outgoing
from illumichat_sms_plugin.services.answering.situation import PersonText, Situation
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.text.reply_text import Cut, fit, fit_for_sms, next_part

logger = logging.getLogger("illumichat_sms.answer")


def draft_for(
    chat: ChatLog, situation: Situation, move: Confirm | SendByPerson | Say | SendRest | Send
) -> Draft:
    """What is to go out for this move."""
    if isinstance(move, Confirm):
        return _confirmation(situation)
    if isinstance(move, SendByPerson):
        return _of_a_person(situation, move.text)
    return _draft(chat, situation, move)


def words_for(channel: Channel, move: Confirm | Say | SendRest | Send) -> Cut:
    """What the texter reads, within Max Message Length, and what was cut off of it."""
    limit, offer_more = channel.options.max_message_length, channel.options.offer_more
    if isinstance(move, Confirm):
        return Cut(fit_for_sms(plugin_words(channel, PluginWords.CONFIRMATION), limit), "")
    if isinstance(move, Say):
        return Cut(fit(plugin_words(channel, move.words), limit).shown, "")
    if isinstance(move, SendRest):
        return next_part(move.rest.body, limit, offer_more=offer_more)
    return Cut(move.body, move.rest)


def _of_a_person(situation: Situation, text: PersonText) -> Draft:
    left = situation.limits.stale_after - (situation.now - text.written_at).total_seconds()
    if text.is_first:
        left = min(
            left, day_left(situation.now, zones_of(situation.session.phone_number), *situation.limits.day)
        )
    suggested = text.suggested
    return Draft(
        kind=FIRST if text.is_first else ANSWER if suggested else PERSON,
        body=text.body,
        person_text=text,
        leaves_out=suggested.rest if suggested else "",
        introduces=suggested is not None and suggested.introduces,
        from_number=situation.sender(text.texted),
        answers=(),
        seconds_left=left,
        media_url=text.media_url,
    )


def _draft(chat: ChatLog, situation: Situation, move: Say | SendRest | Send) -> Draft:
    channel, kind, reason, rest = situation.channel, ANSWER, None, None
    assert channel is not None  # noqa: S101 - decide never sends without one
    if isinstance(move, Say):
        if move.words is PluginWords.APOLOGY:
            logger.error("session %s: gave up on %s texts", situation.session.id, len(move.texts))
        kind, reason = move.words.value, move.reason
    elif isinstance(move, SendRest):
        kind, rest = "more", move.rest
    said = words_for(channel, move)
    answered = [text for text in situation.texts if text.id in move.texts]
    age = situation.now - min(text.asked_at for text in answered)
    return Draft(
        kind=kind,
        body=said.shown,
        leaves_out=said.rest,
        rest=rest,
        from_number=situation.sender(answered[-1].to_number),
        answers=move.texts,
        reason=reason,
        filed=chat.has_all(move.texts),
        introduces=isinstance(move, Send) and situation.answer is not None and situation.answer.introduces,
        media_url=situation.answer.media_url if isinstance(move, Send) and situation.answer else "",
        seconds_left=situation.limits.stale_after - age.total_seconds(),
    )


def with_answer(lacking: Sequence[Entry], outgoing: Outgoing, draft: Draft) -> tuple[Entry, ...]:
    """What goes into the chat once Twilio has the answer; nothing when so much is lacking that a round of its own writes it.

    What still waits for an answer goes after this one.
    """
    closed = [entry for entry in lacking if not entry.is_open]
    by = draft.person_text.by if draft.person_text and draft.kind == PERSON else ""
    said = with_picture(outgoing.body.strip(), outgoing.media_url), outgoing.created_at
    answer = Entry(outgoing.id, "person" if by else "assistant", *said, False, draft.leaves_out, by)
    return (*closed, answer) if len(lacking) < BATCH - 1 else ()


def _confirmation(situation: Situation) -> Draft:
    channel, session = situation.channel, situation.session
    assert channel is not None and session.confirm_from is not None  # noqa: S101 - decided by these
    return Draft(
        kind=PluginWords.CONFIRMATION.value,
        body=words_for(channel, Confirm()).shown,
        from_number=situation.sender(session.confirm_from),
        answers=(),
        seconds_left=session.confirm_for,
    )
