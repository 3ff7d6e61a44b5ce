"""The assistant says that somebody comes, and hands off: by itself, or with a language model that marks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from demo.host import assistant
from demo.host.knowledge import answer_from_knowledge, asks_for_a_person
from demo.host.knowledge.asked_to_reply import reply_to_what_was_asked
from demo.host.reply import HOW_TO_HAND_OFF, LONGEST_REASON, NO_REASON, SOMEONE_COMES, Reply, read_reply
from tests.demo_host.conftest import csrf_token
from tests.demo_host.model_server import ModelServer
from tests.demo_host.test_assistant import open_chat
from tests.demo_host.test_embedded_assistant import briefing

REMINDER = "Your appointment is at 10. Reply C to confirm or R to move it to another day."


@pytest.fixture
def model() -> Iterator[ModelServer]:
    server = ModelServer()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "text",
    [
        "I want to talk to a person",
        "Can I speak to a human?",
        "can i talk to someone pls",
        "let me speak with your manager",
        "Is there anybody I can talk to?",
        "get me a human",
        "connect me to an agent",
        "I need a real person!!",
        "put me through to somebody",
        "representative",
        "human please",
        "Could somebody call me?",
        "I don't want to talk to a bot",
        "Hi. My machine broke. I'd like to speak to a representative.",
    ],
)
def test_who_asks_for_a_person_is_heard(text: str) -> None:
    assert asks_for_a_person([("user", text)])


@pytest.mark.parametrize(
    "text",
    [
        "Are you a real person?",
        "Is there a person at the desk on Saturday?",
        "I don't want to talk to a person",
        "Do I have to talk to someone to cancel?",
        "I need someone to fix my toaster",
        "my operator said you are closed",
        "can you text me your address",
        "What are your opening hours?",
        "how many people fit in the shop",
    ],
)
def test_who_does_not_gets_an_answer(text: str) -> None:
    assert not asks_for_a_person([("user", text)])


def test_only_what_came_since_the_last_answer_counts() -> None:
    asked = [("user", "a human please"), ("user", "are you open?")]
    assert asks_for_a_person(asked)
    assert not asks_for_a_person([*asked, ("assistant", "Yes."), ("user", "thanks")])


def test_it_says_that_someone_comes_and_how_to_reach_people_otherwise(app: Flask) -> None:
    with app.app_context():
        reply = assistant.answer(open_chat(("user", "can I speak to a human?")), "", 5)
    assert reply is not None
    assert reply.text.startswith(SOMEONE_COMES)
    assert "+1 555 010 0199" in reply.text
    assert reply.handoff == "The texter asks for a person."


@pytest.mark.parametrize(
    ("said", "text", "handoff"),
    [
        ("We open at 9.", "We open at 9.", ""),
        ("Sorry! I'll get Anna.\n[hand off: wants a refund]", "Sorry! I'll get Anna.", "wants a refund"),
        ("[Hand-off: wants\n a refund] Someone comes.", "Someone comes.", "wants a refund"),
        ("Someone comes.\n\n**[HAND OFF: angry]**", "Someone comes.", "angry"),
        ("Someone comes.\n`[handoff]`", "Someone comes.", NO_REASON),
        ("Someone comes.\n【hand off：angry】", "Someone comes.", "angry"),
        ("Someone comes.\nHand off: angry", "Someone comes.", "angry"),
        ("Someone comes. [hand off: wants a ref", "Someone comes.", "wants a ref"),
        ("[hand off: a] Someone comes. [hand off: b]", "Someone comes.", "a"),
        ("[hand off: wants a person]", SOMEONE_COMES, "wants a person"),
        ("Bye. [hand off: " + "x" * 900 + "]", "Bye.", "x" * LONGEST_REASON),
        ("Bye.\n[hand off: wants (all) of order [12] back]", "Bye.", "wants (all) of order [12] back"),
        ("Bye.\n(hand off: order (12) is late)", "Bye.", "order (12) is late"),
        ("Bye.\n[hand off: order [12", "Bye.", "order [12"),
        ("Bye.\n**Hand off:** angry\nSee you.", "Bye.\n\nSee you.", "angry"),
        ("Bye.\n**Hand off: angry**", "Bye.", "angry"),
        ("Give your machine back by hand. Off: the left switch.", None, ""),
    ],
)
def test_the_mark_of_a_model_is_read_and_removed(said: str, text: str | None, handoff: str) -> None:
    assert read_reply(said) == Reply(said if text is None else text, handoff)


def test_a_model_is_told_how_and_its_mark_never_reaches_the_texter(
    make: Callable[..., Flask], model: ModelServer
) -> None:
    model.body = model.saying("I'll get Anna for you.\n[hand off: wants a refund]")
    with make(LLM_BASE_URL=model.url, LLM_MODEL="small-1", LLM_TIMEOUT=5).app_context():
        reply = assistant.answer(open_chat(("user", "I want my money back!")), "", 5)
    assert reply == Reply("I'll get Anna for you.", "wants a refund")
    [(_, _, request)] = model.requests
    assert HOW_TO_HAND_OFF in request["messages"][0]["content"]


def test_in_a_web_chat_colleagues_find_a_note(sign_in: Callable[[str], FlaskClient]) -> None:
    client = sign_in("member")
    chat = client.post(
        "/assistants/ast_support/chats", data={"csrf_token": csrf_token(client, "/assistants/ast_support")}
    ).location
    form = {"csrf_token": csrf_token(client, chat), "content": "Can I speak to a human?", "key": "k1"}
    page = client.post(f"{chat}/messages", data=form, follow_redirects=True).text
    assert "A person will answer you here." in page
    assert page.count("The assistant wants a person to go on: The texter asks for a person.") == 1


@pytest.mark.parametrize(
    ("before", "text", "understood"),
    [
        (REMINDER, "C", "Thank you. I have noted that you want to confirm."),
        (REMINDER, "c!", "Thank you. I have noted that you want to confirm."),
        (REMINDER, "R", "Thank you. I have noted that you want to move it to another day."),
        (
            "[sent by another system]\nReply YES to book",
            "Yes",
            "Thank you. I have noted that you want to book.",
        ),
        (
            'Please respond with "1" to keep it, or "2" to cancel',
            "2",
            "Thank you. I have noted that you want to cancel.",
        ),
        (REMINDER, "X", None),
        (REMINDER, "C is what I want, can I park?", None),
        ("Reply MORE for the rest.", "more", None),
        ("We are open from 9 to 6 and like to help.", "and", None),
    ],
)
def test_a_letter_belongs_to_the_text_that_asked_for_it(
    before: str, text: str, understood: str | None
) -> None:
    history = [("assistant", before), ("user", text)]
    assert reply_to_what_was_asked(history) == understood
    if understood:
        assert answer_from_knowledge(briefing(), history) == understood
        assert reply_to_what_was_asked([*history, ("assistant", understood), ("user", text)]) is None
