"""Why a text got no answer of the assistant, in words for an admin, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass

from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import NoReply


@dataclass(frozen=True, slots=True)
class Reason:
    """``title`` names it, ``sentence`` says what happened, ``advice`` what to do."""

    title: str
    sentence: str
    advice: str


REASONS = {
    NoReply.DISABLED: Reason(
        say("SMS was off"),
        say("The text came while SMS was turned off for this assistant."),
        say("Turn Enabled on to have texts answered."),
    ),
    NoReply.OPTED_OUT: Reason(
        say("Opted out"),
        say("The sender had asked to get no more texts."),
        say(
            "Nothing to do. The sender can change that by texting START, and you on the session's page, if the "
            "sender asks for it."
        ),
    ),
    NoReply.KEYWORD: Reason(
        say("Keyword"),
        say("The text was a keyword such as STOP, START or HELP, which Twilio answers itself."),
        say("Nothing to do."),
    ),
    NoReply.PLAIN_WISH: Reason(
        say("Opted out in plain words"),
        say(
            "The text asked for no more texts in words on which Twilio does not act. The opt-out is recorded "
            "here, and confirmed to the sender with one text."
        ),
        say(
            "Nothing to do. The sender can change that by texting START, and you on the session's page, if the "
            "sender asks for it."
        ),
    ),
    NoReply.UNCLEAR_WISH: Reason(
        say("Perhaps an opt-out"),
        say(
            "The text may ask for no more texts. Instead of an answer the sender was told to reply STOP for "
            "that; the next text decides."
        ),
        say(
            "Nothing to do. Where such texts mean something else in your business, say so in the clarifying text."
        ),
    ),
    NoReply.NOT_A_PHONE: Reason(
        say("Not a phone"),
        say("The sender was a short code or a name, which cannot be texted back."),
        say("Nothing to do."),
    ),
    NoReply.OWN_NUMBER: Reason(
        say("Own number"),
        say("The text came from the channel's own number."),
        say("Check that nothing else sends texts from this number to itself."),
    ),
    NoReply.STALE: Reason(
        say("Too late"),
        say("When an answer could have been sent, the text was too old for it to be of use."),
        say("Check that a worker is running, and that SMS_REPLY_STALE_AFTER is long enough."),
    ),
    NoReply.REACTION: Reason(
        say("Reaction"),
        say("The text was only a reaction to an earlier one, such as: Liked “See you then”."),
        say("Nothing to do."),
    ),
    NoReply.BLOCKED: Reason(
        say("Blocked"),
        say("An admin has blocked the number. What its owner wishes about texts is kept apart from that."),
        say("Unblock the number on its session's page to have it answered again."),
    ),
    NoReply.NOT_ALLOWED: Reason(
        say("Not among those answered"),
        say("The channel answers only some people, and this number is none of theirs."),
        say("See Whom to answer on the SMS page."),
    ),
    NoReply.COUNTRY: Reason(
        say("Other country"),
        say("The number is of a country that this channel does not answer."),
        say("If you want to answer it, add the country under Countries on the SMS page."),
    ),
    NoReply.COSTLY_NUMBER: Reason(
        say("Costly number"),
        say(
            "The number is a premium, shared-cost or satellite number, or cannot exist. Answers to such numbers "
            "are a way to make others pay, so none is sent."
        ),
        say("Nothing to do."),
    ),
    NoReply.AUTO_REPLY: Reason(
        say("Automatic reply"),
        say(
            "A phone or a mailbox sent the text by itself, such as “I'm driving” or “I am out of the office”."
        ),
        say("Nothing to do."),
    ),
    NoReply.MACHINE: Reason(
        say("Looks like a machine"),
        say(
            "The texts of this number look like a machine's; its session says why. Answers would cost "
            "money, and no person would read them."
        ),
        say(
            "If a person writes, choose “Answer again” at the text. A different text at a person's pace is "
            "answered anyway."
        ),
    ),
    NoReply.PAUSED: Reason(
        say("Sending was paused"),
        say(
            "The text came while the channel's sending was paused, by a person or because a limit was reached."
        ),
        say(
            "The SMS page says why it is paused. After Resume the text can be answered again from its session."
        ),
    ),
    NoReply.RATE_LIMITED: Reason(
        say("Too many answers"),
        say(
            "The number had already received all the answers that it may get in an hour or a day, or the "
            "assistant was asked too often."
        ),
        say(
            "Look at its session. If a person writes that much, set higher limits on the SMS page; the operator "
            "bounds them."
        ),
    ),
    NoReply.TAKEN_OVER: Reason(
        say("Waits for a person"),
        say(
            "A person answers in the assistant's place, or has a suggested answer to decide on, and has not "
            "answered this text."
        ),
        say(
            "Answer it on the session's page, send what the assistant suggests, or hand back to the assistant."
        ),
    ),
    NoReply.DISCARDED: Reason(
        say("Suggestion discarded"),
        say("A person discarded the answer that the assistant suggested."),
        say("Nothing to do. The text can be answered again from its session."),
    ),
    NoReply.LAPSED: Reason(
        say("Suggestion lapsed"),
        say("The answer that the assistant suggested was neither sent nor discarded before it was too old."),
        say(
            "See to it that somebody looks at suggestions, or turn Suggest answers off. The text can be answered "
            "again from its session."
        ),
    ),
    NoReply.ASSISTANT_FAILED: Reason(
        say("Assistant failed"),
        say("The assistant gave no answer in any of its tries; the sender got an apology instead."),
        say(
            "Check the assistant's model and try it in a chat; the texts can be answered again from their "
            "session."
        ),
    ),
    NoReply.SEND_FAILED: Reason(
        say("Answer not sent"),
        say("There was an answer, but Twilio did not accept it, or it is not known whether Twilio did."),
        say("Look at the failures by code, and run the Doctor."),
    ),
    NoReply.NOT_OUR_NUMBER: Reason(
        say("Not our number"),
        say("The text was sent to a number that, according to Twilio, the account does not own."),
        say(
            "See Further numbers on the SMS page. If the number belongs to another account, let it call another "
            "webhook."
        ),
    ),
    NoReply.NOT_CONNECTED: Reason(
        say("Not connected"),
        say("The Twilio account was disconnected before the text could be answered."),
        say("Connect the account again."),
    ),
}
_UNKNOWN = Reason(
    say("Other reason"),
    say("The text was set aside for a reason that has no explanation here."),
    say("Look at its session."),
)


def explain_reason(reason: str) -> Reason:
    """The words for a reason. The Doctor's tests are not counted, so they have none."""
    try:
        return REASONS.get(NoReply(reason), _UNKNOWN)
    except ValueError:
        return _UNKNOWN
