"""What an answer depends on, read at one moment: see look.py. Plain values, so that a decision needs no database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from illumichat_sms_plugin.config import Settings
from illumichat_sms_plugin.services.answering.loops import REMEMBERED, Turn
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.services.further_numbers import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """The session that a worker has taken up."""

    id: int
    channel_id: int
    phone_number: str = field(repr=False)
    chat_id: str | None = None
    chat_before: str | None = None
    """The chat of the conversation before this one."""
    chat_since: datetime | None = None
    """When this conversation began; None for the first."""
    contact_id: str | None = None
    opted_out: bool = False
    blocked: bool = False
    attempts: int = 0
    """Tries at the texts now open, this one not counted."""
    pausing: bool = False
    """The pause after a failed try is not over."""
    crashed: bool = False
    """The worker died during the last try: these texts may be the cause."""
    apologised_lately: bool = False
    taken_over: bool = False
    """A person answers, and the assistant is not asked."""
    silent_host: bool = False
    """The host gave no answer the last time, because a person has taken the chat over there."""
    suggested: bool = False
    """An earlier answer waits for a person who sends it."""
    introduced: bool = False
    """The texter has been told that an assistant answers."""
    machine_at: datetime | None = None
    """When the texter was last taken for a machine."""
    awake_at: datetime | None = None
    """Since when it is answered again."""
    confirm_from: str | None = None
    """The number that an opt-out is to be confirmed from; None when there is nothing to confirm."""
    confirm_for: float = 0.0
    """Seconds left for that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenText:
    """A text that waits for its answer."""

    id: int
    to_number: str
    created_at: datetime
    asked_at: datetime
    """When it asked for its answer: when it was sent, or when an admin asked for one after all."""
    unclear: bool = False
    """It may be a wish for no more texts."""
    asks_for_more: bool = False
    """It says MORE, or the word for it in another language, and nothing else."""
    unfinished: bool = False
    """Its sender seems to be still writing."""


@dataclass(frozen=True, slots=True)
class StoredRest:
    """What an answer lost at Max Message Length, not sent yet."""

    message_id: int
    """The message that said the part before."""
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SuggestedAnswer:
    """What a suggestion is beside its words."""

    rest: str = field(default="", repr=False)
    """What was cut off of it."""
    introduces: bool = False
    """It begins with the introduction."""


@dataclass(frozen=True, slots=True)
class PersonText:
    """What a person has written, not sent yet."""

    id: int
    body: str = field(repr=False)
    by: str
    """The person's name."""
    written_at: datetime
    texted: str | None
    """The number that the texter has texted last; None for one who never wrote."""
    is_first: bool = False
    """The host started it: nobody has taken the session over by that."""
    announces: bool = False
    """It says that a person answers from now on: the texts before it go on waiting."""
    suggested: SuggestedAnswer | None = None
    """The assistant suggested it, and a person has sent it as it was."""
    media_url: str = field(default="", repr=False)
    """A picture that goes out with it."""


@dataclass(frozen=True, slots=True)
class AnswerInHand:
    """What the assistant said, not sent yet."""

    text: str | None = field(repr=False)
    """None when it says nothing because a person has taken the chat over."""
    asked: frozenset[int]
    """The texts that it knew of."""
    restarts: int = 0
    """How often an earlier answer was thrown away because another text had come meanwhile."""
    rest: str = field(default="", repr=False)
    """What was cut off, because one message does not take more."""
    introduces: bool = False
    """It begins with the introduction."""
    handoff: str = ""
    """Why the assistant wants a person to go on, if it does."""
    stranger: bool = False
    """It was not asked: the channel answers contacts only, and the texter is none."""
    media_url: str = field(default="", repr=False)
    """A picture that goes out with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is tried, and for how long."""

    attempts: int
    restarts: int
    answers_per_hour: int
    stale_after: float
    """Seconds."""
    answers_per_day: int = 1000
    machine_answers: int = 3
    """Needless answers that a machine gets."""
    longest_wait: float = 0.0
    """Seconds that an answer waits for further texts at most."""
    day: tuple[int, int] = (0, 24)
    """The hours, by the clock of its number, in which a first text goes out."""

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Those of this installation."""
        return cls(
            attempts=settings.assistant_attempts,
            restarts=MAX_RESTARTS,
            answers_per_hour=settings.answers_per_hour,
            answers_per_day=settings.answers_per_day,
            stale_after=settings.reply_stale_after,
            machine_answers=settings.machine_answers,
            longest_wait=settings.longest_wait_for_texts,
            day=(settings.first_text_from, settings.first_text_until),
        )


CALLS_PER_ANSWER = 2
"""How often the assistant may be asked for every answer that a texter may get: restarts and failed tries count."""
LONGEST_HELD = 10.0
"""Seconds before the texter counts as quiet from which on a worker asks the assistant and holds its answer."""
UNFINISHED_TIMES = 3
"""So many times as long an answer waits where a text looks unfinished."""
MAX_RESTARTS = 2
"""How often an answer is thrown away because another text came while the assistant thought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One session, its channel and its open texts at ``now``, by the database's clock."""

    now: datetime
    session: OpenSession
    channel: Channel | None
    """None when it is not connected."""
    texts: tuple[OpenText, ...]
    """The oldest open ones in the order in which they were recorded; a bounded number."""
    answers_last_hour: int
    unfinished_send: bool
    """An earlier answer is being sent, or nobody knows whether Twilio has it."""
    unfiled: bool
    """The host's chat lacks something of this session."""
    limits: Limits
    answers_last_day: int = 0
    calls_last_hour: int = 0
    """How often the assistant was asked."""
    calls_last_day: int = 0
    rate: int | None = None
    """What a segment to the texter's country cost the channel lately, in millionths."""
    my_turn: bool = True
    """False while this process tries another session whose worker died."""
    answer: AnswerInHand | None = None
    rest: StoredRest | None = None
    """What may still be asked for; looked up only when an open text asks for more."""
    person_text: PersonText | None = None
    """The first that people have written and nobody has sent."""
    turns: Sequence[Turn] = ()
    """The newest texts of the session, in and out, the oldest first; none while an answer is in hand."""
    texter_is_a_channel: bool = False
    """The texter's number belongs to a channel here: an assistant would answer an assistant."""
    numbers: Mapping[str, Standing] = field(default_factory=dict)
    """What is known of the numbers that were texted and are not the channel's own."""

    @property
    def answerable(self) -> tuple[OpenText, ...]:
        """The open texts that may be answered: the others were to a number that Twilio has not confirmed yet."""
        return tuple(text for text in self.texts if self.standing(text) is Standing.OURS)

    def standing(self, text: OpenText) -> Standing:
        """What is known of the number that was texted."""
        return self._known(text.to_number)

    def sender(self, texted: str | None) -> str:
        """The number to send from to a texter who texted ``texted``; never one that Twilio has not confirmed."""
        assert self.channel is not None  # noqa: S101 - nothing is sent without one
        return texted if texted and self._known(texted) is Standing.OURS else self.channel.phone_number

    def _known(self, number: str) -> Standing:
        if self.channel is None or number == self.channel.phone_number:
            return Standing.OURS
        return self.numbers.get(number, Standing.UNKNOWN)

    @property
    def answers_left(self) -> bool:
        """Whether the texter may get one more answer, by the channel's limits and the operator's."""
        per_hour, per_day = self._most_answers()
        return self.answers_last_hour < per_hour and self.answers_last_day < per_day

    @property
    def calls_left(self) -> bool:
        """Whether the assistant may be asked once more for the texter."""
        per_hour, per_day = self._most_answers()
        return (
            self.calls_last_hour < CALLS_PER_ANSWER * per_hour
            and self.calls_last_day < CALLS_PER_ANSWER * per_day
        )

    def _most_answers(self) -> tuple[int, int]:
        most = self.limits.answers_per_hour, self.limits.answers_per_day
        if self.channel is None:
            return most
        options = self.channel.options
        return min(most[0], options.answers_per_hour), min(most[1], options.answers_per_day)

    @property
    def quiet_in(self) -> float:
        """Seconds until the texter has been quiet for as long as the channel waits for further texts; 0 when it is so.

        However many texts come, the first one waits no longer than the longest wait.
        """
        if self.channel is None or not self.answerable:
            return 0.0
        last, first = self.answerable[-1], self.answerable[0]
        longest = self.limits.longest_wait
        window = self.channel.options.wait_seconds * (UNFINISHED_TIMES if last.unfinished else 1)
        since_last, since_first = self._since(last), self._since(first)
        return max(0.0, min(min(window, longest) - since_last, longest - since_first))

    def _since(self, text: OpenText) -> float:
        return (self.now - text.created_at).total_seconds()

    @property
    def is_asleep(self) -> bool:
        """The texter was taken for a machine, and nothing has spoken against it since."""
        at, awake = self.session.machine_at, self.session.awake_at
        return at is not None and (awake is None or awake < at)

    @property
    def needless_answers(self) -> int:
        """How many needless answers a loop may get: fewer if the texter was taken for a machine lately."""
        at = self.session.machine_at
        lately = at is not None and self.now - at < REMEMBERED
        return 1 if lately else self.limits.machine_answers

    @property
    def is_finished(self) -> bool:
        """Nothing is open, nothing has to be filed, and nothing is counted."""
        waiting = self.texts or self.unfiled or self.person_text
        return not (waiting or self.session.attempts or self.session.crashed)

    def paused(self) -> Situation:
        """The same once a limit has paused the channel."""
        assert self.channel is not None  # noqa: S101 - nothing is sent without one
        return replace(self, channel=replace(self.channel, paused="limit"))

    def without(self, closed: Collection[int]) -> Situation:
        """The same once these texts are closed, which the chat may lack."""
        return replace(self, texts=tuple(text for text in self.texts if text.id not in closed), unfiled=True)
