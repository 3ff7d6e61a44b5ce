"""The command line of ``./run demo``."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.launcher.options import ROOT, parse


def test_without_arguments_the_demo_runs_on_8000_and_keeps_its_data_in_the_checkout():
    options = parse([])
    assert (options.port, options.simulator_port, options.data_dir) == (8000, 8001, ROOT / ".demo")
    assert not options.fresh
    assert not options.history


def test_a_relative_folder_is_the_callers_although_run_changes_to_the_checkout(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("RUN_CALLED_FROM", str(tmp_path))
    assert parse(["--data-dir", "here"]).data_dir == tmp_path / "here"
    assert parse(["--data-dir", "/tmp/there"]).data_dir == Path("/tmp/there").resolve()


@pytest.mark.parametrize("port", ["0", "-1", "65535", "99999", "http", "8000.5", ""])
def test_an_impossible_port_is_refused_with_a_sentence(port: str, capsys):
    with pytest.raises(SystemExit):
        parse([f"--port={port}"])
    assert "must be a number from 1 to 65534" in capsys.readouterr().err
