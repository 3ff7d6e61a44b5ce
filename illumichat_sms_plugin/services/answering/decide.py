"""What to do about a session now. Pure and total: whatever the situation is, there is one next move.

A rule looks at the situation and returns a move, or None if it does not apply. The first move
wins, so the order of ``RULES`` is the order of precedence. Which texts get no answer, and
why, is decided in ``illumichat_sms_plugin/no_reply.py``, which the webhook uses too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from illumichat_sms_plugin.choices import AnswerTo
from illumichat_sms_plugin.destinations import Destination, destination
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.no_reply import Facts, NoReply, why_no_reply
from illumichat_sms_plugin.quiet_hours import is_day, zones_of
from illumichat_sms_plugin.refusals import SendFacts, why_refused
from illumichat_sms_plugin.services.answering.loops import evidence_of_a_machine
from illumichat_sms_plugin.services.answering.moves import (
    Ask,
    Because,
    Close,
    Confirm,
    Finish,
    Hold,
    Move,
    PluginWords,
    Say,
    Send,
    SendByPerson,
    SendRest,
    Suggest,
    Wait,
    Withhold,
)
from illumichat_sms_plugin.services.answering.situation import LONGEST_HELD, OpenText, Situation
from illumichat_sms_plugin.services.channels import is_listed
from illumichat_sms_plugin.services.further_numbers import Standing

Rule = Callable[[Situation], Move | None]


def decide(situation: Situation) -> Move:
    """The next move."""
    return next(move for rule in RULES if (move := rule(situation)) is not None)


def close_what_gets_no_answer(s: Situation) -> Move | None:
    """All that are closed for the first reason there is."""
    reasons = {text.id: why_no_reply(facts_of(s, text)) for text in s.texts}
    first = next((reason for reason in reasons.values() if reason is not None), None)
    return Close(tuple(id for id, reason in reasons.items() if reason is first), first) if first else None


def facts_of(s: Situation, text: OpenText) -> Facts:
    """What is known of an open text now; what it says itself was judged when it came."""
    return Facts(
        is_stale=not s.session.taken_over and _is_stale(s, text.asked_at),
        connected=s.channel is not None,
        our_number=s.standing(text) is not Standing.NOT_OURS,
        enabled=s.channel is None or (s.channel.options.enabled and s.standing(text) is not Standing.OFF),
        paused=s.channel is not None and s.channel.paused is not None,
        opted_out=s.session.opted_out,
        blocked=s.session.blocked,
        is_allowed=_is_allowed(s, text.id),
        destination=_destination(s),
        looks_like_a_machine=why_a_machine(s, text.id) is not None,
        answers_left=s.answers_left and (s.answer is not None or s.calls_left),
        taken_over=s.session.taken_over
        or (s.answer is not None and s.answer.text is None and text.id in s.answer.asked),
    )


def _is_stale(s: Situation, asked_at: datetime) -> bool:
    return s.now - asked_at > timedelta(seconds=s.limits.stale_after)


def _is_allowed(s: Situation, text_id: int) -> bool:
    """Whether the texter is among those whom the channel answers, as far as that is known before the host is asked."""
    if s.channel is None:
        return True
    if not is_listed(s.channel, s.session.phone_number):
        return False
    return s.answer is None or not s.answer.stranger or text_id not in s.answer.asked


def _destination(s: Situation) -> Destination:
    if s.channel is None:
        return Destination.ANSWERED
    return destination(s.session.phone_number, s.channel.phone_number, s.channel.options.countries)


def why_a_machine(s: Situation, text_id: int) -> str | None:
    """By what the open text looks like a machine's, in words for an admin."""
    if s.texter_is_a_channel:
        return say("The number is an SMS channel here, too: an assistant would answer an assistant.")
    if s.rest is not None and any(text.id == text_id and text.asks_for_more for text in s.texts):
        return None  # it takes up our offer, as quickly as one likes; there is only so much of the rest
    since = s.session.awake_at
    turns = [turn for turn in s.turns if not turn.other and (since is None or turn.at >= since)]
    return evidence_of_a_machine(turns, text_id, asleep=s.is_asleep, needless=s.needless_answers)


def withhold_what_may_not_be_sent(s: Situation) -> Move | None:
    """What a person has written, once it may not go out any more."""
    if s.person_text is None:
        return None
    reason = why_refused(send_facts(s))
    return Withhold(s.person_text, reason) if reason else None


def send_facts(s: Situation) -> SendFacts:
    """What is known of sending to the texter what a person has written."""
    channel, text = s.channel, s.person_text
    first = text is not None and text.is_first
    return SendFacts(
        opted_out=s.session.opted_out,
        blocked=s.session.blocked,
        connected=channel is not None,
        accepted=channel is None or channel.may_answer,
        enabled=channel is None or channel.options.enabled,
        paused=channel is not None and channel.paused is not None,
        destination=_destination(s),
        listed=not first or channel is None or is_listed(channel, s.session.phone_number),
        is_a_channel=first and s.texter_is_a_channel,
        texts_left=s.answers_left,
        is_day=not first or is_day(s.now, zones_of(s.session.phone_number), *s.limits.day),
        is_stale=text is not None and _is_stale(s, text.written_at),
    )


def send_what_a_person_wrote(s: Situation) -> Move | None:
    """Before an answer of the assistant."""
    return SendByPerson(s.person_text) if s.person_text else None


def wait_for_a_connection(s: Situation) -> Move | None:
    """The chat waits too: after disconnecting, an admin expects nothing more to be written."""
    return Wait(Because.NOT_CONNECTED) if s.channel is None else None


def confirm_an_opt_out(s: Situation) -> Move | None:
    """Before anything else is waited for: it has five minutes."""
    if s.channel is None or not s.channel.options.enabled or s.channel.paused:
        return None
    if s.session.confirm_from is None or s.session.blocked:
        return None
    return Confirm() if s.channel.may_answer else None


def wait_for_the_earlier_answer(s: Situation) -> Move | None:
    """So that answers reach Twilio in their order, and the chat too."""
    return Wait(Because.EARLIER_SEND) if s.unfinished_send else None


def finish_when_nothing_is_open(s: Situation) -> Move | None:
    """The chat may lack something all the same."""
    return None if s.texts else _in_turn(s, Finish())


def wait_for_a_token(s: Situation) -> Move | None:
    """Without one nothing can be sent, so nobody is asked."""
    unreadable = s.channel is not None and s.channel.credentials is None
    return Wait(Because.TOKEN_UNREADABLE) if unreadable else None


def wait_for_twilio_to_accept_the_account(s: Situation) -> Move | None:
    """Twilio would not accept the answer, so the assistant is not asked. Housekeeping asks Twilio less and less often."""
    accepted = s.channel is None or s.channel.may_answer
    return None if accepted else Wait(Because.NOT_ACCEPTED)


def wait_until_the_number_is_known(s: Situation) -> Move | None:
    """Nothing is sent from a number that Twilio has not confirmed. Texts to other numbers do not wait for it."""
    return None if s.answerable else Wait(Because.NUMBER_UNKNOWN)


def send_the_rest(s: Situation) -> Move | None:
    """If the texter asks for it twice in a row, it is sent once."""
    if s.rest is None or s.answer is not None:
        return None
    return SendRest(s.rest, _asking_for_more(s)) if _asking_for_more(s) else None


def _asking_for_more(s: Situation) -> tuple[int, ...]:
    return tuple(text.id for text in s.answerable if text.asks_for_more)


def send_the_answer_in_hand(s: Situation) -> Move | None:
    """Unless a text has come that it does not know of; but not without end."""
    if s.answer is None:
        return None
    open_ids = tuple(text.id for text in s.answerable if not text.unclear)
    known = tuple(id for id in open_ids if id in s.answer.asked)
    if not known or s.answer.text is None:
        return Finish()  # what has come meanwhile gets a round of its own
    if not s.answer.handoff and s.quiet_in > LONGEST_HELD and known != open_ids:
        return Wait(Because.FURTHER_TEXTS)
    if not s.answer.handoff and s.quiet_in > 0:
        return Hold(min(s.quiet_in, LONGEST_HELD))
    if (
        known == open_ids
        or (s.rest and set(open_ids) - set(known) <= set(_asking_for_more(s)))
        or s.answer.handoff
        or s.answer.restarts >= s.limits.restarts
        or not s.calls_left
    ):
        suggests = s.channel is not None and s.channel.options.suggest_answers
        return (Suggest if suggests else Send)(s.answer.text, known, s.answer.rest)
    return Ask(open_ids)


def clarify_what_may_be_an_opt_out(s: Situation) -> Move | None:
    """The assistant is not asked: the texter's next text decides. Who may be a stranger gets no text that costs money."""
    unclear = tuple(text.id for text in s.answerable if text.unclear)
    if unclear and _may_be_a_stranger(s):
        return Close(unclear, NoReply.NOT_ALLOWED)
    return Say(PluginWords.CLARIFICATION, unclear, NoReply.UNCLEAR_WISH) if unclear else None


def wait_until_the_pause_is_over(s: Situation) -> Move | None:
    """A further text does not shorten it."""
    return Wait(Because.PAUSE) if s.session.attempts and s.session.pausing else None


def give_up_after_the_last_try(s: Situation) -> Move | None:
    """With one short apology, unless this texter had one not long ago."""
    if s.session.attempts < s.limits.attempts:
        return None
    texts = _ids(s)
    if s.session.apologised_lately or _may_be_a_stranger(s):
        return Close(texts, NoReply.ASSISTANT_FAILED)
    return Say(PluginWords.APOLOGY, texts, NoReply.ASSISTANT_FAILED)


def wait_for_further_texts(s: Situation) -> Move | None:
    """A long wait holds no worker: what is left of it while the assistant thinks and the answer is held is enough."""
    return Wait(Because.FURTHER_TEXTS) if s.quiet_in > LONGEST_HELD else None


def _may_be_a_stranger(s: Situation) -> bool:
    """Whether only contacts are answered, and the host could not say that this is one."""
    only_contacts = s.channel is not None and s.channel.options.answer_to == AnswerTo.CONTACTS
    return only_contacts and s.session.contact_id is None


def ask_the_assistant(s: Situation) -> Move:
    """About all open texts together."""
    return _in_turn(s, Ask(_ids(s)))


def _ids(s: Situation) -> tuple[int, ...]:
    return tuple(text.id for text in s.answerable)


def _in_turn(s: Situation, move: Move) -> Move:
    """The one session that kills workers takes down whatever else its process was at, and all come back together: one
    at a time, only the culprit goes on losing tries."""
    return Wait(Because.OTHER_SUSPECT) if s.session.crashed and not s.my_turn else move


RULES: tuple[Rule, ...] = (
    close_what_gets_no_answer,
    withhold_what_may_not_be_sent,
    wait_for_a_connection,
    confirm_an_opt_out,
    wait_for_the_earlier_answer,
    send_what_a_person_wrote,
    finish_when_nothing_is_open,
    wait_for_a_token,
    wait_for_twilio_to_accept_the_account,
    wait_until_the_number_is_known,
    send_the_rest,
    send_the_answer_in_hand,
    clarify_what_may_be_an_opt_out,
    wait_until_the_pause_is_over,
    give_up_after_the_last_try,
    wait_for_further_texts,
    ask_the_assistant,
)
"""Those that need further facts add a field to ``Situation``, and look.py reads it."""
