"""Pages as the tests read them: opened, pressed, and their words."""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup
from flask import Flask

from tests.support.visitors import visit


def page(app: Flask, url: str, visitor: str = "admin", status: int = 200) -> BeautifulSoup:
    answer = visit(app, visitor).get(url)
    assert answer.status_code == status, answer.text
    return BeautifulSoup(answer.text, "html.parser")


def press(app: Flask, url: str, status: int = 303, **form: Any) -> Any:
    answer = visit(app).post(url, data=form)
    assert answer.status_code == status, answer.text
    return answer


def words(soup: BeautifulSoup) -> str:
    return " ".join(soup.get_text(" ").split())
