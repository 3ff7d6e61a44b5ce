"""Files that texters send, in the host: shown to people, and to a model that can look or listen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from demo.host import assistant, chat_history
from demo.host.database import transaction
from demo.host.plugin_contract import Chats
from demo.twilio_simulator.placeholder import PLACEHOLDER_PNG
from illumichat_sms_plugin.host import Attachment, ChatMessage
from illumichat_sms_plugin.host_attachments import takes_attachments
from tests.demo_host.model_server import ModelServer

PICTURE = Attachment("image/png", "picture-1.png", PLACEHOLDER_PNG)
SPEECH = Attachment("audio/amr", "recording-2.amr", b"#!AMR\n\x3c")
LOST = Attachment("image/jpeg", "picture-3.jpg", None, "Twilio does not have it any more.")


@pytest.fixture
def model() -> Iterator[ModelServer]:
    server = ModelServer()
    yield server
    server.shutdown()
    server.server_close()


def chat_with(*files: Attachment, said: str = "what is this?\n[attached: image/png]") -> str:
    from datetime import UTC, datetime

    with transaction() as session:
        chat_id = chat_history.open_chat(session, assistant_id="ast_support", title="SMS", key="files")
    message = ChatMessage("user", said, "sms-message-1", datetime.now(UTC))
    for _ in range(2):  # what is repeated after a crash adds nothing
        Chats().append(chat_id, message, attachments=files)
    return chat_id


def with_model(make: Callable[..., Flask], model: ModelServer, **more: Any) -> Flask:
    return make(LLM_BASE_URL=model.url, LLM_MODEL="small-1", LLM_TIMEOUT=5, **more)


def test_the_host_takes_attachments() -> None:
    assert takes_attachments(Chats())


def test_people_see_them(app: Flask, sign_in: Callable[[str], FlaskClient]) -> None:
    with app.app_context():
        chat_id = chat_with(PICTURE, SPEECH, LOST)
    client = sign_in("member")
    page = client.get(f"/chats/{chat_id}").text
    assert page.count('class="attached"') == 1
    assert "recording-2.amr" in page
    assert "Twilio does not have it any more." in page
    answer = client.get(f"/chats/{chat_id}/files/1")
    assert (answer.data, answer.headers["Content-Security-Policy"]) == (
        PLACEHOLDER_PNG,
        "sandbox; default-src 'none'",
    )
    assert client.get(f"/chats/{chat_id}/files/3").status_code == 404
    assert sign_in("other").get(f"/chats/{chat_id}/files/1").status_code == 404


def test_a_model_sees_a_picture(make: Callable[..., Flask], model: ModelServer) -> None:
    with with_model(make, model).app_context():
        assert assistant.answer(chat_with(PICTURE), "", 5).text == "Hello from the model."
    [(_, _, request)] = model.requests
    text, picture = request["messages"][-1]["content"]
    assert text["text"].startswith("what is this?")
    assert picture["type"] == "image_url"
    assert picture["image_url"]["url"].startswith("data:image/png;base64,iVBOR")


def test_one_that_takes_none_is_asked_again_without(make: Callable[..., Flask], model: ModelServer) -> None:
    model.refuses_pictures = True
    with with_model(make, model).app_context():
        assert assistant.answer(chat_with(PICTURE), "", 5).text == "Hello from the model."
    first, second = (request["messages"][-1]["content"] for _, _, request in model.requests)
    assert isinstance(first, list)
    assert second.endswith("[You cannot look at the picture. Say so, and ask for it in words.]")


def test_what_was_spoken_is_written_down(make: Callable[..., Flask], model: ModelServer) -> None:
    model.body = json.dumps({"text": "my kettle is broken", **json.loads(model.body)}).encode()
    with with_model(make, model, LLM_TRANSCRIBE_MODEL="ears-1").app_context():
        assistant.answer(chat_with(SPEECH), "", 5)
    (heard_at, _, form), (_, _, request) = model.requests
    assert heard_at == "/v1/audio/transcriptions"
    assert b"ears-1" in form
    assert b"#!AMR" in form
    assert "[said in recording-2.amr: my kettle is broken]" in request["messages"][-1]["content"]


def test_without_a_model_for_it_the_recording_is_said_to_be_unheard(
    make: Callable[..., Flask], model: ModelServer
) -> None:
    with with_model(make, model).app_context():
        assistant.answer(chat_with(SPEECH), "", 5)
    [(_, _, request)] = model.requests
    assert "You cannot listen to the recording." in request["messages"][-1]["content"]


@pytest.mark.parametrize(
    "said", ["[attached: image/png]", "look\n[attached: image/png]\n[could not be fetched: image/png]"]
)
def test_the_embedded_assistant_says_that_it_cannot_look(app: Flask, said: str) -> None:
    with app.app_context():
        answer = assistant.answer(chat_with(PICTURE, said=said), "", 5)
    assert answer is not None
    assert "can't" in answer.text


def test_it_answers_what_it_can_and_says_the_rest(app: Flask) -> None:
    with app.app_context():
        answer = assistant.answer(
            chat_with(PICTURE, said="What are your hours?\n[attached: image/png]"), "", 5
        )
    assert answer is not None
    assert "9 am to 6 pm" in answer.text
    assert answer.text.endswith("I can't look at what you sent along, though.")
