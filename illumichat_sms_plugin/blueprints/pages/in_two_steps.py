"""A page whose top is on its way to the browser before its lower parts are read."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator

from flask import Response, stream_with_context
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from illumichat_sms_plugin.blueprints.pages.rendering import render
from illumichat_sms_plugin.errors import SmsError
from illumichat_sms_plugin.languages.wording import say

logger = logging.getLogger(__name__)

LOWER_PARTS = Markup("<!-- sms: lower parts -->")
"""Where they go. Nothing else writes these characters: what a template shows is escaped."""


def in_two_steps(page: str, parts: Iterable[Callable[[], str]], status: int) -> Response:
    """``page`` up to ``LOWER_PARTS``, then the parts, each read when its turn comes, then the rest of the page.

    A part that cannot be read says so in its place: the top has been sent, and the status with it.
    """
    top, _, rest = page.partition(LOWER_PARTS)

    def pieces() -> Iterator[str]:
        yield top
        for part in parts:
            yield _or_a_sentence(part)
        yield rest

    return Response(stream_with_context(pieces()), status)


def _or_a_sentence(part: Callable[[], str]) -> str:
    try:
        return part()
    except (SmsError, SQLAlchemyError) as error:
        logger.error("A part of the SMS page could not be read: %s", type(error).__name__)
        sentence = say("What belongs here could not be read. Load the page again.")
        return render("_alert.html", title=say("Something broke"), sentence=sentence)
