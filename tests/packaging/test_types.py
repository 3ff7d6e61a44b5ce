"""A host with strict types sees the contract's: the wheel says that it has some."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("wheel")

HOST = """
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from illumichat_sms_plugin.host import (
    AnswerRequest, Assistant, Chats, ChatMessage, Contact, Host, Person, Role, Workspace,
)

class Assistants:
    def find(self, assistant_id: str) -> Assistant | None:
        return Assistant(assistant_id, "Support", Workspace("ws", "Example"))
    def answer(self, request: AnswerRequest) -> str | None:
        return request.instructions

class MyChats:
    def open(self, *, assistant_id: str, title: str, key: str) -> str:
        return key
    def append(self, chat_id: str, message: ChatMessage) -> None: ...
    def url(self, chat_id: str) -> str:
        return chat_id

class Contacts:
    def find_by_number(self, workspace_id: str, number: str) -> Contact | None: ...
    def create(self, workspace_id: str, *, number: str, source: str, key: str) -> Contact:
        return Contact("1", number, number)
    def get(self, workspace_id: str, contact_ids: Collection[str]) -> Mapping[str, Contact]:
        return {}
    def search(self, workspace_id: str, text: str, *, limit: int) -> Sequence[Contact]:
        return []
    def url(self, contact_id: str) -> str:
        return contact_id

class Access:
    def caller(self) -> Person | None: ...
    def role(self, person: Person, workspace_id: str) -> Role | None:
        return Role.OWNER
    def sign_in_url(self, next_url: str) -> str:
        return next_url

class Pages:
    layout = "layout.html"
    def add_slot(self, slot: str, render: Callable[..., str]) -> None: ...
    def exempt_from_csrf(self, view: Callable[..., Any]) -> None: ...
    def csrf_token(self) -> str:
        return ""
    def channels_url(self, assistant_id: str) -> str:
        return "/"

class MyHost:
    assistants, chats, contacts, access, pages = Assistants(), MyChats(), Contacts(), Access(), Pages()

host: Host = MyHost()
"""


@pytest.fixture(scope="module")
def interpreter(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of an environment that has the wheel's files and nothing else."""
    folder = tmp_path_factory.mktemp("typed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    return folder / "bin" / "python"


def mypy(interpreter: Path, source: str, folder: Path) -> tuple[int, str]:
    file = folder / "host.py"
    file.write_text(source)
    command = [sys.executable, "-m", "mypy", "--strict", "--python-executable", str(interpreter), str(file)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_typed_host_passes_the_strictest_check(interpreter: Path, tmp_path: Path) -> None:
    code, said = mypy(interpreter, HOST, tmp_path)
    assert code == 0, said


def test_a_wrong_host_is_told_where(interpreter: Path, tmp_path: Path) -> None:
    wrong = HOST.replace(
        "def open(self, *, assistant_id: str, title: str, key: str) -> str:\n        return key",
        "def open(self) -> int:\n        return 1",
    )
    code, said = mypy(interpreter, wrong, tmp_path)
    assert code == 1
    assert 'expected "Chats"' in said
