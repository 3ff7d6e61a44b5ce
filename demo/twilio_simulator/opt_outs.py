"""Twilio's own handling of STOP, START and HELP on long codes.

https://help.twilio.com/articles/223134027 : one word alone, in any case. Twilio answers by itself,
blocks what is sent afterwards (21610), and still calls the webhook.
"""

from __future__ import annotations

from demo.twilio_simulator.records import Message, OptOut
from demo.twilio_simulator.store import Store

STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START = frozenset({"START", "YES", "UNSTOP"})
HELP = frozenset({"HELP", "INFO"})

ANSWERS = {
    "STOP": "You have successfully been unsubscribed. You will not receive any more messages from this number."
    " Reply START to resubscribe.",
    "START": "You have successfully been re-subscribed to messages from this number. Reply HELP for help."
    " Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    "HELP": "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}


def keyword(body: str) -> str:
    """STOP, START, HELP, or "" for an ordinary text."""
    word = body.strip().upper()
    for name, words in (("STOP", STOP), ("START", START), ("HELP", HELP)):
        if word in words:
            return name
    return ""


def sender_key(store: Store, phone_number: str) -> str:
    """What is blocked together: the whole Messaging Service, or the number alone."""
    service = store.service_of(phone_number)
    return service.sid if service else phone_number


def is_blocked(store: Store, phone_number: str, phone: str) -> bool:
    """Whether ``phone`` has opted out of ``phone_number``."""
    with store.lock:
        return OptOut(sender_key(store, phone_number), phone).sid in store.opt_outs


def apply(store: Store, message: Message) -> tuple[str, str]:
    """Act on an inbound text: the keyword and Twilio's own answer, each "" where there is none.

    START and STOP change nothing and are not answered when they say what is already so.
    """
    word = keyword(message.body)
    with store.lock:
        opt_out = OptOut(sender_key(store, message.to), message.from_ or "")
        blocked = opt_out.sid in store.opt_outs
        if word == "STOP" and not blocked:
            store.save(opt_out)
        elif word == "START" and blocked:
            store.remove(opt_out)
        elif word != "HELP":
            return word, ""
    return word, ANSWERS[word]
