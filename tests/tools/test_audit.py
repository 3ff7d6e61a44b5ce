"""``./run audit`` against a database of the test's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.support.servers import serve
from tools import audit
from tools.locks import read_lock

NOWHERE = "http://127.0.0.1:9"


class Database:
    """As OSV answers; ``known`` maps a package's name to its vulnerabilities."""

    def __init__(self) -> None:
        self.known: dict[str, list[str]] = {}
        self.answer: bytes | None = None
        self.pages = False
        self.asked: list[dict[str, Any]] = []

    def reply(self, queries: list[dict[str, Any]]) -> bytes:
        self.asked += queries
        if self.answer is not None:
            return self.answer
        results = []
        for query in queries:
            names = self.known.get(query["package"]["name"], [])
            if self.pages and len(names) > 1 and "page_token" not in query:
                results.append({"vulns": [{"id": names[0]}], "next_page_token": "more"})
            else:
                results.append(
                    {"vulns": [{"id": name} for name in names[1 if self.pages and len(names) > 1 else 0 :]]}
                )
        return json.dumps({"results": results}).encode()


@pytest.fixture
def database() -> Iterator[tuple[str, Database]]:
    known = Database()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = known.reply(json.loads(body)["queries"])
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    serve(server)
    yield f"http://127.0.0.1:{server.server_port}", known
    server.shutdown()


def test_nothing_known_is_a_success(
    database: tuple[str, Database], capsys: pytest.CaptureFixture[str]
) -> None:
    url, known = database
    assert audit.main(["--database", url, "--release"]) == 0
    assert "0 known vulnerabilities" in capsys.readouterr().out
    assert {query["package"]["name"] for query in known.asked} >= {pin.name for pin in read_lock("run")}


@pytest.mark.parametrize("pages", [False, True], ids=["one page", "two pages"])
def test_a_known_vulnerability_fails_and_is_named(
    database: tuple[str, Database], capsys: pytest.CaptureFixture[str], pages: bool
) -> None:
    url, known = database
    known.known, known.pages = {"flask": ["GHSA-a", "GHSA-b"], "pytest": ["PYSEC-1"]}, pages
    assert audit.main(["--database", url]) == 1
    said = capsys.readouterr().out
    assert "GHSA-a (hosts install it)" in said
    assert "GHSA-b (hosts install it)" in said
    assert "PYSEC-1 (tools only)" in said


@pytest.mark.parametrize(
    ("arguments", "status"), [((), 0), (("--release",), 1)], ids=["every day", "a release"]
)
def test_where_nobody_can_be_asked_it_is_loud_and_stops_a_release(
    arguments: tuple[str, ...], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit.main(["--database", NOWHERE, *arguments]) == status
    assert "NOT AUDITED" in capsys.readouterr().err


@pytest.mark.parametrize("answer", [b"<html>", b"{}", b'{"results": []}', b'{"results": 7}'])
def test_an_answer_that_makes_no_sense_is_no_audit(
    database: tuple[str, Database], capsys: pytest.CaptureFixture[str], answer: bytes
) -> None:
    url, known = database
    known.answer = answer
    assert audit.main(["--database", url, "--release"]) == 1
    assert "NOT AUDITED" in capsys.readouterr().err
