"""Hold a conversation: follow what it is about, answer what was asked last, say what is not known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from demo.host.knowledge.asked_to_reply import reply_to_what_was_asked
from demo.host.knowledge.passages import Document, Library, library_of
from demo.host.knowledge.people import contact_line
from demo.host.knowledge.retrieval import (
    MAX_ANSWER,
    VAGUE,
    Finding,
    correct,
    has_own_subject,
    search,
    subjects,
)
from demo.host.knowledge.small_talk import Speaker, small_talk
from demo.host.knowledge.words import content_words, name_days, normalise, words

MAX_QUESTIONS = 3
SHORT_ANSWER = 180
"""Characters for each of several questions asked at once."""
TOLD = 0.3
"""What a word told before a question counts in it."""
FEW = 3
"""A question of at most so many words may lean on the one before."""
LEANS = re.compile(r"^(?:and|or|but|what about|how about|what if|also|then|so)\b")
POINTS = frozenset({"it", "its", "that", "this", "those", "these", "them", "they"})
ATTACHED = re.compile(r"\[(?:attached|could not be fetched): [^\]]*\]|\[empty message\]")
BLIND = "I can't look at what you sent along, though."


@dataclass(frozen=True, slots=True)
class Briefing:
    """What an assistant has to know before it answers. ``today`` is the date at its workspace."""

    name: str
    company: str
    welcome: str
    today: date
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One question, and what was told before it: "My kettle broke. Can I return it?"."""

    text: str
    told: str = ""


@dataclass(slots=True)
class Topic:
    """What the conversation is about: the words of the last full question, and the document that answered it."""

    terms: list[str] = field(default_factory=list)
    document: int | None = None


def answer_from_knowledge(briefing: Briefing, history: Sequence[tuple[str, str]]) -> str:
    """The answer to all that the user said last; ``history`` has (role, content), oldest first."""
    library = library_of(briefing.documents)
    topic, first = Topic(), all(role == "user" for role, _ in history)
    said_before, said_last = _split_at_last_answer(history)
    for text in said_before[-FEW * 2 :]:
        _answers(library, briefing, topic, text)
    if (understood := reply_to_what_was_asked(history)) is not None:
        return understood
    asked = "\n".join(said_last)
    text = ATTACHED.sub("", asked).strip()
    if not re.search(r"[^\W_]", text):
        pleasantry = small_talk(text, _speaker(briefing), first=first)
        return pleasantry or _nothing_asked(briefing, attached="[attached" in asked)
    pleasantry = small_talk(normalise(text).replace("\n", " "), _speaker(briefing), first=first)
    if pleasantry:
        return pleasantry
    found = _answers(library, briefing, topic, text)
    if "[attached" in asked:
        return (
            f"{_put_together(found, briefing)} {BLIND}" if found else _nothing_asked(briefing, attached=True)
        )
    return _put_together(found, briefing) if found else _nothing_asked(briefing)


def _split_at_last_answer(history: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """What the user said up to the assistant's last answer, and since."""
    answered = max((n for n, (role, _) in enumerate(history) if role == "assistant"), default=-1)
    said = [(n, text) for n, (role, text) in enumerate(history) if role == "user"]
    return [text for n, text in said if n < answered], [text for n, text in said if n > answered]


def _answers(library: Library, briefing: Briefing, topic: Topic, text: str) -> list[Finding | None]:
    """What is found for each question of a text; moves ``topic`` along."""
    questions = list(islice(_single_questions(library, text), MAX_QUESTIONS))
    length = MAX_ANSWER if len(questions) == 1 else SHORT_ANSWER
    return [_find(library, topic, question, briefing.today, length) for question in questions]


def _single_questions(library: Library, text: str) -> Iterator[Question]:
    """The questions, "where are you and can I park there?" taken apart: each half has its own document."""
    for question in _questions(text):
        one, joined, other = normalise(question.text).partition(" and ")
        about_one, about_other = (subjects(library, content_words(half)) for half in (one, other))
        if joined and about_one and about_other and not about_one & about_other:
            yield Question(one, question.told)
            yield Question(other)
        else:
            yield question


def _questions(text: str) -> Iterator[Question]:
    """Each question of a text with what was told before it."""
    for line in text.splitlines():
        told: list[str] = []
        asked = 0
        for part in re.findall(r"[^.!?]+(?:[.!](?=\S)[^.!?]*)*[.!?]*", line):
            leads_on = content_words(normalise(part)) or LEANS.match(part.strip().lower())
            if part.rstrip().endswith("?") and (leads_on or POINTS & set(words(part.lower()))):
                yield Question(part, " ".join(told))
                asked, told = asked + 1, []
            elif leads_on:
                told.append(part)
        if told and not asked:
            yield Question(" ".join(told))


def _find(library: Library, topic: Topic, question: Question, today: date, length: int) -> Finding | None:
    plain = name_days(normalise(question.text), today)
    own = correct(library, content_words(plain))
    context = correct(library, content_words(name_days(normalise(question.told), today)))
    if _leans(library, plain, own, topic):
        found = search(library, own, [*context, *topic.terms], favourite=topic.document, length=length)
        topic.document = found.document if found else topic.document
        return found
    if POINTS & set(words(plain)):
        context = [*context, *topic.terms]
    found = search(library, own, context, context_weight=TOLD, length=length)
    if found is None and topic.terms and len(own) <= FEW and set(own) & VAGUE:
        found = search(library, own, topic.terms, favourite=topic.document, length=length)
    if own:
        topic.terms, topic.document = own, found.document if found else None
    return found


def _leans(library: Library, plain: str, own: Sequence[str], topic: Topic) -> bool:
    """Whether a question can only be understood by the one before: "and on Saturday?", "how much is it?"."""
    if not topic.terms or len(own) > FEW:
        return False
    if own and all(term in VAGUE for term in own):
        return True
    if has_own_subject(library, own):
        return False
    return bool(LEANS.match(plain.strip())) or bool(POINTS & set(words(plain)))


def _put_together(found: Sequence[Finding | None], briefing: Briefing) -> str:
    known = list(dict.fromkeys(finding.text for finding in found if finding))
    if not known:
        return _not_known(briefing)
    answer = " ".join(text for text in known if not any(text != other and text in other for other in known))
    if not any(finding.certain for finding in found if finding):
        answer = f"I can't say for sure, but this may help: {answer}"
    if None in found:
        answer += " The rest of your question I can't answer, sorry."
    return answer


def _not_known(briefing: Briefing) -> str:
    answer = f"Sorry, I don't know that. I can help with {_topics(briefing.documents)}."
    contact = contact_line(briefing.documents)
    return f"{answer} For anything else: {contact}" if contact else answer


def _nothing_asked(briefing: Briefing, *, attached: bool = False) -> str:
    if attached:
        return "Sorry, I can't open pictures or files here. Please tell me in words what you need."
    return f"What would you like to know? I can help with {_topics(briefing.documents)}."


def _speaker(briefing: Briefing) -> Speaker:
    return Speaker(briefing.name, briefing.company, briefing.welcome, _topics(briefing.documents))


def _topics(documents: Sequence[Document], limit: int = 5) -> str:
    titles = [_in_a_sentence(document.title) for document in documents[:limit]]
    if not titles:
        return "very little yet: nobody has told me anything"
    if len(documents) > limit:
        titles.append("more")
    return " and ".join([", ".join(titles[:-1]), titles[-1]] if len(titles) > 1 else titles)


def _in_a_sentence(title: str) -> str:
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]
