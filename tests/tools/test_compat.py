"""``./run compat``: which environments it makes, and the table that it writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.compat import OF_A_SERVER, QUICK, ROOT, lowest, main, make_environment
from tools.compat_postgresql import fetch_server, link_libraries
from tools.compat_sets import SETS, find_python
from tools.compat_table import BEGIN, DOCUMENT, END, Counts, counts_of, row, with_rows

EMPTY = f"# Title\n\n{BEGIN}\n{END}\n\nThe rest.\n"
ONE = row("lowest", {"python": "3.11.7", "flask": "3.1.0", "pip": "1"}, "quick", Counts(10, 0), "2026-01-01")


def test_a_row_names_the_versions_that_matter() -> None:
    assert ONE == "| lowest | 3.11.7 | flask 3.1.0 | quick | 10 | 0 | 2026-01-01 |"


def test_a_row_takes_the_place_of_the_older_one_and_leaves_the_others() -> None:
    other = ONE.replace("lowest", "newest")
    newer = ONE.replace("| 10 |", "| 11 |")
    written = with_rows(with_rows(EMPTY, [ONE, other]), [newer])
    assert written.count("| lowest |") == written.count("| newest |") == written.count("| set |") == 1
    assert newer in written
    assert written.startswith("# Title") and written.endswith("The rest.\n")
    assert with_rows(written, []) == written


def test_the_document_has_its_place_for_the_table() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert document.count(BEGIN) == document.count(END) == 1


def test_errors_count_as_failed_and_skipped_tests_as_none(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text('<testsuites><testsuite tests="10" failures="1" errors="2" skipped="3"/></testsuites>')
    assert counts_of(report) == Counts(4, 3)


def test_a_run_that_left_no_report_is_not_green(tmp_path: Path) -> None:
    assert not counts_of(tmp_path / "none.xml").is_green
    assert not Counts(0, 0).is_green
    assert Counts(1, 0).is_green


def test_a_set_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["loudest"])
    assert "there is no set loudest" in capsys.readouterr().err


def test_this_python_is_found_and_another_is_not() -> None:
    assert find_python("3.11")
    assert find_python("3.99") is None


def test_the_quick_tests_are_there() -> None:
    named = (*QUICK, *OF_A_SERVER)
    assert [name for name in named if name.startswith("tests") and not (ROOT / name).exists()] == []


@pytest.mark.parametrize(
    ("arguments", "works", "code", "ran"),
    [
        ([], True, 0, 1),
        ([], False, 1, 1),
        (["--no-examples"], False, 0, 0),
        (["pinned"], False, 0, 0),
    ],
)
def test_the_examples_follow_when_no_set_is_named(
    arguments: list[str], works: bool, code: int, ran: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[bool] = []
    monkeypatch.setattr("tools.compat.try_out", lambda wanted, **how: ("", True))
    monkeypatch.setattr("tools.compat.run_examples", lambda: calls.append(works) or works)
    assert main(arguments) == code
    assert len(calls) == ran


def test_an_environment_is_kept_when_asked_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.compat.FOLDER", tmp_path)
    monkeypatch.setattr("tools.compat.uv", lambda *command: (tmp_path / "pinned").mkdir() or "")
    monkeypatch.setattr("tools.compat.fill", lambda *arguments: filled.append(arguments[0].name))
    filled: list[str] = []
    for keep, times in ((True, 1), (True, 1), (False, 2)):
        assert make_environment(SETS["pinned"], "python", keep=keep) == tmp_path / "pinned" / "bin" / "python"
        assert filled == ["pinned"] * times


def test_a_server_that_npm_cannot_bring_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.compat_postgresql.shutil.which", lambda name: None)
    assert fetch_server("13.0.0", tmp_path) is None


def test_the_links_that_npm_drops_are_made_anew(tmp_path: Path) -> None:
    library = tmp_path / "native" / "lib" / "libpq.so.5.13"
    library.parent.mkdir(parents=True)
    library.touch()
    listed = '[{"source": "native/lib/libpq.so.5.13", "target": "native/lib/libpq.so.5"}]'
    (tmp_path / "native" / "pg-symlinks.json").write_text(listed)
    for _ in range(2):
        link_libraries(tmp_path / "native")
        assert (tmp_path / "native" / "lib" / "libpq.so.5").resolve() == library


@pytest.mark.slow
def test_the_lowest_versions_are_those_of_setup_cfg() -> None:
    found = lowest(SETS["lowest"])
    assert "sqlalchemy==2.0.29" in found
    assert not [line for line in found if line.startswith(("werkzeug", "jinja2"))]
