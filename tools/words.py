"""The catalogues of translations: collected from templates and code, carried on, compiled. ``./run words``.

English is the source: what ``say`` and ``say_n`` get is the message. A message that is new has no translation yet,
one that is gone leaves the catalogues.
"""

from __future__ import annotations

import ast
import io
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes

from illumichat_sms_plugin.languages.catalogues import DOMAIN, FOLDER, TRANSLATED

ROOT = FOLDER.parent
TEMPLATE = FOLDER / "messages.pot"
CODES = ROOT / "twilio_gateway" / "error_codes.json"
FUNCTIONS = {"say": 1, "say_html": 1, "say_n": 2, "say_html_n": 2}
"""How many messages each takes: one, or one for a single thing and one for several."""
PLURAL = "nplurals=2; plural=(n != 1);"
"""One, and any other number: what all these languages have."""

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""What is compiled says no day of its own: the same sentences make the same file."""

Message = str | tuple[str, str]


class NoMessageError(Exception):
    """Something that nobody can translate; says where."""


def messages_of_code(source: str, where: str) -> Iterator[Message]:
    """What Python code says with the functions of ``languages.wording``."""
    tree = ast.parse(source)
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == f"{ROOT.name}.languages.wording"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in imported & {*FUNCTIONS}
        ):
            given = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
            values = {keyword.arg for keyword in node.keywords}
            yield message_of(node.func.id, given, values, f"{where}:{node.lineno}")


def messages_of_template(source: str, where: str) -> Iterator[Message]:
    """What a template says."""
    for node in Environment(autoescape=True).parse(source).find_all(nodes.Call):
        if isinstance(node.node, nodes.Name) and node.node.name in FUNCTIONS:
            given = [arg.value if isinstance(arg, nodes.Const) else None for arg in node.args]
            values = {keyword.key for keyword in node.kwargs}
            yield message_of(node.node.name, given, values, f"{where}:{node.lineno}")


def message_of(function: str, given: list[object], values: set[str | None], where: str) -> Message:
    """The message in a call, which has to stand there as it is, with a value for each of its places."""
    texts = given[: FUNCTIONS[function]]
    if len(texts) < FUNCTIONS[function] or not all(isinstance(text, str) and text for text in texts):
        raise NoMessageError(f"{where}: {function}() needs its sentence as a literal")
    places = {name for text in texts for name in re.findall(r"\{(\w+)\}", str(text))}
    known = values | ({"n"} if FUNCTIONS[function] == 2 else set())
    if None not in values and (places - known or values - places):
        raise NoMessageError(f"{where}: the values are not those of {texts[0]!r}")
    return str(texts[0]) if len(texts) == 1 else (str(texts[0]), str(texts[1]))


def collect() -> Catalog:
    """Every message of the plugin, with the files it is in."""
    template = new_catalogue(None)
    for file in sorted(ROOT.rglob("*")):
        where = file.relative_to(ROOT.parent)
        if "languages" in where.parts or file.suffix not in (".py", ".html"):
            continue
        find = messages_of_code if file.suffix == ".py" else messages_of_template
        for message in find(file.read_text(encoding="utf-8"), str(where)):
            template.add(message, locations=[(str(where), 0)])
    for message in messages_of_codes(CODES.read_text(encoding="utf-8")):
        template.add(message, locations=[(str(CODES.relative_to(ROOT.parent)), 0)])
    return template


def messages_of_codes(source: str) -> Iterator[Message]:
    """What is said of Twilio's error codes."""
    for entry in json.loads(source):
        yield from (entry["name"], entry["meaning"], entry["admin_action"])


def head(language: str | None) -> str:
    """How a file begins: nothing that changes with the day or with a version."""
    lines = ["# Translations of illumichat_sms_plugin; made by ./run words.", 'msgid ""', 'msgstr ""']
    lines.append('"Content-Type: text/plain; charset=utf-8\\n"')
    if language is not None:
        lines += [f'"Language: {language}\\n"', f'"Plural-Forms: {PLURAL}\\n"']
    return "\n".join(lines) + "\n\n"


def new_catalogue(language: str | None) -> Catalog:
    """An empty one."""
    return read_po(io.BytesIO(head(language).encode()), locale=language, domain=DOMAIN)


def read(file: Path, language: str | None = None) -> Catalog:
    """A catalogue from its file, empty when there is none."""
    if not file.exists():
        return new_catalogue(language)
    with file.open("rb") as opened:
        return read_po(opened, locale=language, domain=DOMAIN)


def as_text(catalogue: Catalog, language: str | None) -> str:
    """The file, sorted: two branches that add messages seldom touch the same lines."""
    made = io.BytesIO()
    write_po(
        made,
        catalogue,
        width=110,
        sort_output=True,
        ignore_obsolete=True,
        include_lineno=False,
        omit_header=True,
    )
    return head(language) + made.getvalue().decode()


def carried_on(language: str, template: Catalog) -> Catalog:
    """What is translated of a language, with an empty place for each new message."""
    old, new = read(po_file(language), language), new_catalogue(language)
    for message in template:
        if message.id:
            known = old.get(message.id)
            fits = known is not None and isinstance(known.id, str) == isinstance(message.id, str)
            new.add(message.id, known.string if fits else None, locations=message.locations)
    return new


def po_file(language: str) -> Path:
    """What translators write."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def untranslated(catalogue: Catalog) -> list[str]:
    """The messages that have no translation, or not for every number."""
    return [
        message.id if isinstance(message.id, str) else message.id[0]
        for message in catalogue
        if message.id and not (all(message.string) if isinstance(message.string, tuple) else message.string)
    ]


def main() -> int:
    """Write all catalogues; 1 when something lacks its translation."""
    template = collect()
    FOLDER.mkdir(exist_ok=True)
    TEMPLATE.write_text(as_text(template, None), encoding="utf-8")
    missing = 0
    for language in TRANSLATED:
        catalogue = carried_on(language, template)
        file = po_file(language)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(as_text(catalogue, language), encoding="utf-8")
        catalogue.creation_date = catalogue.revision_date = LONG_AGO
        with file.with_suffix(".mo").open("wb") as opened:
            write_mo(opened, catalogue)
        lacking = untranslated(catalogue)
        missing += len(lacking)
        print(f"{language}: {len(catalogue) - len(lacking)} of {len(catalogue)} messages")
        for message in lacking:
            print(f"  not translated: {message}")
    return 1 if missing else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except NoMessageError as error:
        sys.exit(str(error))
