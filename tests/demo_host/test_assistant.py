"""How an assistant answers a chat: by itself, with a language model, or not at all."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from demo.host import assistant, chat_history
from demo.host.assistant import AssistantFailed
from demo.host.database import transaction
from demo.host.models import Assistant, Chat, KnowledgeDocument, MessageRole, Person
from tests.demo_host.model_server import ModelServer

KEY = "sk-the-secret-key"


@pytest.fixture
def model() -> Iterator[ModelServer]:
    server = ModelServer()
    yield server
    server.go_on.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def with_model(make: Callable[..., Flask], model: ModelServer) -> Flask:
    return make(LLM_BASE_URL=model.url, LLM_API_KEY=KEY, LLM_MODEL="small-1", LLM_TIMEOUT=5)


def open_chat(*said: tuple[str, str], assistant_id: str = "ast_support") -> str:
    with transaction() as session:
        chat_id = chat_history.open_chat(
            session, assistant_id=assistant_id, title="SMS", key=f"{assistant_id} {said}"
        )
        for number, (role, content) in enumerate(said):
            chat_history.append_message(
                session,
                chat_id,
                role=MessageRole(role),
                content=content,
                key=str(number),
                created_at=datetime.now(UTC),
            )
    return chat_id


def answer_to(chat_id: str, instructions: str = "") -> str:
    reply = assistant.answer(chat_id, instructions, 5)
    assert reply is not None
    assert not reply.handoff
    return reply.text


def test_it_answers_from_its_own_knowledge_without_a_model(app: Flask) -> None:
    with app.app_context():
        assert "9 am to 6 pm" in answer_to(open_chat(("user", "What are your hours?")))
        globex = open_chat(("user", "What are your hours?"), assistant_id="ast_globex")
        assert "7 am to 7 pm" in answer_to(globex)


def test_what_an_admin_writes_is_known_at_once(app: Flask) -> None:
    with app.app_context():
        chat_id = open_chat(("user", "Do you sharpen knives?"))
        assert "don't know" in answer_to(chat_id)
        with transaction() as session:
            session.add(
                KnowledgeDocument(
                    id="doc_new",
                    assistant_id="ast_support",
                    title="Knives",
                    text="We sharpen knives for $9 each.",
                )
            )
        assert answer_to(chat_id) == "We sharpen knives for $9 each."
        with transaction() as session:
            session.delete(session.get_one(KnowledgeDocument, "doc_new"))
        assert "don't know" in answer_to(chat_id)


def test_notes_are_not_shown_to_the_assistant(app: Flask) -> None:
    with app.app_context():
        chat_id = open_chat(("user", "What are your opening hours?"), ("note", "do you have parking?"))
        assert "parking" not in answer_to(chat_id)


def test_a_chat_that_a_person_handles_gets_no_answer(app: Flask) -> None:
    with app.app_context():
        chat_id = open_chat(("user", "What are your opening hours?"))
        with transaction() as session:
            mia = session.get_one(Person, "usr_acme_member")
            chat_history.hand_over(session, session.get_one(Chat, chat_id), mia, by=mia)
        assert assistant.answer(chat_id, "", 5) is None
        with transaction() as session:
            chat_history.hand_over(session, session.get_one(Chat, chat_id), None, by=mia)
            notes = chat_history.last_messages(session, chat_id, limit=9, roles=[MessageRole.NOTE])
        assert [note.content.split(" ", 2)[2] for note in notes] == [
            "took the chat over. The assistant is silent.",
            "handed the chat back to the assistant.",
        ]
        assert assistant.answer(chat_id, "", 5)


def test_a_delay_can_be_set_and_never_outlasts_the_time_allowed(make: Callable[..., Flask]) -> None:
    with make(DEMO_ASSISTANT_DELAY="30").app_context():
        started = time.monotonic()
        assert assistant.answer(open_chat(("user", "hi")), "", 0.2)
        assert 0.2 <= time.monotonic() - started < 5


def test_a_model_gets_instructions_knowledge_and_history(with_model: Flask, model: ModelServer) -> None:
    with with_model.app_context():
        with transaction() as session:
            session.get_one(Assistant, "ast_support").instructions = "Speak like a pirate."
        chat_id = open_chat(
            ("user", "Hello"),
            ("assistant", "Hi!"),
            ("note", "VIP customer"),
            ("user", "Do you have parking?"),
        )
        assert answer_to(chat_id, "Keep it under 160 characters.") == "Hello from the model."
    (path, headers, body) = model.requests[0]
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert body["model"] == "small-1"
    system, *spoken = body["messages"]
    assert system["role"] == "system"
    for part in ("Speak like a pirate.", "free parking for customers", "Keep it under 160 characters."):
        assert part in system["content"]
    assert spoken == [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi!"},
        {"role": "user", "content": "Do you have parking?"},
    ]


def test_a_model_sees_a_bounded_history(with_model: Flask, model: ModelServer) -> None:
    said = [("user" if number % 2 == 0 else "assistant", "x" * 9000) for number in range(61)]
    with with_model.app_context():
        assistant.answer(open_chat(*said), "", 5)
    _, *spoken = model.requests[0][2]["messages"]
    assert len(spoken) == assistant.HISTORY
    assert all(len(message["content"]) <= assistant.MAX_MESSAGE for message in spoken)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"{}"),
        (401, b'{"error": "no such key"}'),
        (429, b"slow down"),
        (302, b""),
        (200, b"not json"),
        (200, b"[]"),
        (200, b'{"choices": []}'),
        (200, ModelServer.saying(None)),
        (200, ModelServer.saying("   ")),
        (200, b'"' + b"x" * 1_100_000 + b'"'),
    ],
)
def test_whatever_a_model_does_wrong_is_a_failed_try(
    with_model: Flask, model: ModelServer, caplog: pytest.LogCaptureFixture, status: int, body: bytes
) -> None:
    model.status, model.body = status, body
    caplog.set_level(logging.DEBUG)
    with with_model.app_context(), pytest.raises(AssistantFailed) as failed:
        assistant.answer(open_chat(("user", "hi")), "", 5)
    assert KEY not in str(failed.value) + caplog.text


def test_a_model_that_hangs_in_the_middle_of_its_answer_is_left_in_time(
    with_model: Flask, model: ModelServer
) -> None:
    model.go_on.clear()
    started = time.monotonic()
    with with_model.app_context(), pytest.raises(AssistantFailed, match="too long"):
        assistant.answer(open_chat(("user", "hi")), "", 0.5)
    assert time.monotonic() - started < 3


def test_a_model_that_is_not_there_is_a_failed_try(make: Callable[..., Flask], model: ModelServer) -> None:
    model.shutdown()
    model.server_close()
    app = make(LLM_BASE_URL=model.url, LLM_MODEL="small-1")
    with app.app_context(), pytest.raises(AssistantFailed, match="ConnectionError"):
        assistant.answer(open_chat(("user", "hi")), "", 5)
