"""What the wheel holds: the whole plugin, its migrations, and nothing of the rest of the repository."""

from __future__ import annotations

import re
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = "illumichat_sms_plugin"

pytestmark = pytest.mark.xdist_group("wheel")


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """The files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def read(wheel: Path, end_of_name: str) -> str:
    """The one file of the wheel whose name ends so."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(end_of_name)]
        return archive.read(name).decode()


def shipped(folder: Path) -> set[Path]:
    """The files under ``folder``, without what Python leaves there."""
    return {file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts}


def test_every_file_of_the_package_is_in_the_wheel(names: set[str]):
    """A new subpackage has to be listed in setup.cfg; this is what fails when it is not."""
    expected = {str(file.relative_to(ROOT)) for file in shipped(ROOT / PACKAGE)}
    assert expected <= names, sorted(expected - names)


def test_the_migrations_ship_inside_the_package(names: set[str]):
    files = shipped(ROOT / "migrations")
    assert any("versions" in file.parts for file in files)
    expected = {f"{PACKAGE}/{file.relative_to(ROOT)}" for file in files}
    assert expected <= names, sorted(expected - names)


def test_templates_and_static_files_are_among_them(names: set[str]):
    assert any(name.startswith(f"{PACKAGE}/templates/illumichat_sms/") for name in names)
    assert any(name.startswith(f"{PACKAGE}/static/") for name in names)


def test_nothing_else_is_in_the_wheel(names: set[str]):
    assert {name.split("/")[0].split("-")[0] for name in names} == {PACKAGE}


def test_a_host_finds_the_plugin_by_its_entry_point(wheel: Path):
    entry_points = read(wheel, ".dist-info/entry_points.txt")
    assert entry_points.split() == ["[illumichat.plugins]", "sms", "=", f"{PACKAGE}.plugin:SmsPlugin"]


def test_the_metadata_say_what_it_is(wheel: Path):
    metadata = message_from_string(read(wheel, ".dist-info/METADATA"))
    assert metadata["Name"] == "illumichat-sms-plugin"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT AND 0BSD"
    assert set(metadata.get_all("License-File") or ()) == {
        "LICENSE",
        f"{PACKAGE}/static/vendor/htmx-LICENSE.txt",
    }
    assert metadata["Author"]
    assert "Typing :: Typed" in (metadata.get_all("Classifier") or ())


def test_the_description_leads_nowhere_that_an_index_does_not_have(wheel: Path):
    """No picture and no link that is relative to the repository."""
    description = str(message_from_string(read(wheel, ".dist-info/METADATA")).get_payload())
    assert "flask sms upgrade" in description
    assert not re.findall(r"\]\((?!https://)", description)
