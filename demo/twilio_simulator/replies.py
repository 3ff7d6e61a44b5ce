"""What goes back to the phone without the REST API: TwiML, plain text, and Twilio's own answers."""

from __future__ import annotations

import time

from demo.twilio_simulator import opt_outs
from demo.twilio_simulator.lifecycle import Lifecycle
from demo.twilio_simulator.poster import Poster
from demo.twilio_simulator.records import Media, Message, Webhook, new_sid
from demo.twilio_simulator.segments import count_segments
from demo.twilio_simulator.store import Store
from demo.twilio_simulator.twiml import Reply, read_answer
from demo.twilio_simulator.webhook_client import WebhookAnswer


class Replies:
    """Sends the replies of one simulator."""

    def __init__(self, store: Store, poster: Poster, lifecycle: Lifecycle) -> None:
        self._store = store
        self._poster = poster
        self._lifecycle = lifecycle

    def obey(self, hook: Webhook, message: Message, answer: WebhookAnswer) -> int:
        """Send the replies an answer asks for; the debugger's code when it is unusable, else 0."""
        instructions = read_answer(answer)
        for code, level, sentence in instructions.problems:
            self._poster.debug(code, level, sentence, hook)
        for reply in instructions.replies:
            self._reply(hook, message, reply)
        return instructions.problems[0][0] if instructions.unusable else 0

    def _reply(self, hook: Webhook, message: Message, reply: Reply) -> None:
        to, from_ = reply.to or message.from_ or "", reply.from_ or message.to
        answer = _outgoing(message, to, from_, reply.body, reply.created_by)
        answer.status_callback = reply.status_callback
        answer.media = [Media(new_sid("ME"), "image/png") for _ in reply.media]
        if not reply.body.strip() and not reply.media:
            self._poster.debug(14103, "error", "a <Message> without a body", hook)
            return
        if opt_outs.is_blocked(self._store, from_, to):
            answer.planned_status, answer.planned_error = "failed", 21610
        self._lifecycle.begin(answer)

    def answer_automatically(self, message: Message, text: str) -> None:
        """Twilio's own answer to STOP, START or HELP."""
        self._lifecycle.begin(_outgoing(message, message.from_ or "", message.to, text, "automatic"))


def _outgoing(message: Message, to: str, from_: str, body: str, created_by: str) -> Message:
    return Message(
        sid=new_sid("SM"),
        account_sid=message.account_sid,
        to=to,
        from_=from_,
        body=body,
        direction="outbound-reply",
        status="queued",
        created_by=created_by,
        num_segments=count_segments(body),
        messaging_service_sid=message.messaging_service_sid,
        history=[(time.time(), "queued")],
    )
