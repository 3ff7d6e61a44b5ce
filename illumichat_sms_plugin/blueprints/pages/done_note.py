"""What was done, said once on the page that follows: a reload does not say it again.

The note goes by a cookie of our own that only the assistant's SMS pages get; the one that says it takes it away. The host's
session is the host's, and an address with the note in it would go on saying what was true once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from illumichat_sms_plugin.languages.wording import say

COOKIE = "sms_done"
LIFE = 60
"""Seconds until a note is forgotten that no page has shown."""


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence; ``leads_on`` adds the way to Webhook Setup."""

    sentence: str
    tone: Literal["good", "warn"] = "good"
    leads_on: bool = False


NOT_CHECKED = say(
    "Twilio could not be asked whether the account owns the number, so it is a draft until it can be. It "
    "is asked again within a minute."
)
REFUSED = say(
    "Twilio refuses these credentials or this number, so it is a draft: no text is accepted or "
    "answered. Press Test Credentials: it says what to do."
)
DISCONNECTED = say("Disconnected. Options, sessions and messages are kept.")
BY_HAND = say(
    "In the Twilio Console, open the number, or its Messaging Service, and remove the URL of its "
    "incoming texts: what still comes in is refused."
)
NOTES = {
    "connected": Note(
        say("Connected. One step is left: set the webhook, so that texts come in."), leads_on=True
    ),
    "connected-already": Note(say("Connected. The number's webhook points here already.")),
    "connected-unchecked": Note(
        say("Saved. But {not_checked}", not_checked=NOT_CHECKED), "warn", leads_on=True
    ),
    "connected-refused": Note(say("Saved. But {refused}", refused=REFUSED), "warn"),
    "saved": Note(say("Saved.")),
    "saved-unset": Note(
        say("Saved. One step is left: set the webhook, so that texts come in."), leads_on=True
    ),
    "saved-refused": Note(say("Saved. But {refused}", refused=REFUSED), "warn"),
    "saved-unchecked": Note(say("Saved. But {not_checked}", not_checked=NOT_CHECKED), "warn"),
    "disconnected": Note(DISCONNECTED),
    "disconnected-taken_out": Note(
        say(
            "{disconnected} The webhook is taken out at Twilio, so no text comes here any more.",
            disconnected=DISCONNECTED,
        )
    ),
    "disconnected-not_ours": Note(
        say(
            "{disconnected} No webhook at Twilio pointed here any more, so nothing was changed there.",
            disconnected=DISCONNECTED,
        )
    ),
    "disconnected-left": Note(
        say(
            "{disconnected} But a webhook at Twilio still points here. {by_hand}",
            disconnected=DISCONNECTED,
            by_hand=BY_HAND,
        ),
        "warn",
    ),
    "disconnected-no_answer": Note(
        say(
            "{disconnected} But Twilio could not be asked about the webhook, so it may still point here. "
            "{by_hand}",
            disconnected=DISCONNECTED,
            by_hand=BY_HAND,
        ),
        "warn",
    ),
    "number-on": Note(say("Texts to this number are answered from now on.")),
    "number-off": Note(say("Texts to this number are recorded from now on, and not answered.")),
    "number-asked": Note(say("Twilio is asked again within a minute.")),
    "paused": Note(
        say("Sending is paused. Texts are recorded and not answered until you press Resume."), "warn"
    ),
    "resumed": Note(
        say("Sending goes on. Texts that got no answer can be answered again from their sessions.")
    ),
    "token-added": Note(
        say("Twilio accepts the second token. From now on webhooks signed with either token are accepted.")
    ),
    "token-swapped": Note(
        say(
            "Texts are sent with the other token now. The one before still verifies webhooks until you drop it, "
            "for 24 hours at most."
        )
    ),
    "token-dropped": Note(say("The second token is gone.")),
}


def back_to_page(assistant_id: str, done: str) -> BaseResponse:
    """After something was done: the page again, so that a reload does nothing twice.

    The anchor is named because a browser would keep the form's own.
    """
    return leave_note(redirect(_page(assistant_id, "sms-done"), 303), assistant_id, done)


def leave_note(response: BaseResponse, assistant_id: str, done: str) -> BaseResponse:
    """Have the page that ``response`` leads to say the note called ``done``."""
    response.set_cookie(
        COOKIE,
        done,
        max_age=LIFE,
        path=_page(assistant_id),
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )
    return response


def read_note() -> Note | None:
    """The note that the request brings, if it is one of the settings."""
    return NOTES.get(noted())


def noted() -> str:
    """The name of the note that the request brings, empty for none."""
    return request.cookies.get(COOKIE, "")


def forget_note(response: Response, assistant_id: str) -> Response:
    """Take the note away: ``response`` has said it."""
    if COOKIE in request.cookies:
        response.delete_cookie(COOKIE, path=_page(assistant_id))
    return response


def _page(assistant_id: str, anchor: str | None = None) -> str:
    return url_for("sms_channel.channel_page", assistant_id=assistant_id, _anchor=anchor)
