"""Cuts Twilio's OpenAPI description down to what the simulator offers.

    npm pack @twilio/cli-core@8.3.2 && tar xzf twilio-cli-core-8.3.2.tgz
    python tests/twilio_simulator/slice_openapi.py package/src/services/twilio-api

writes ``twilio_api_slice.json`` beside this file: the paths below with every schema they refer to,
without examples and vendor extensions. Nothing is added or reworded, so that a test can hold the
simulator to Twilio's own words. Licences: ``twilio_api_slice.NOTICE.txt``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ACCOUNT = "/2010-04-01/Accounts/{AccountSid}"
PATHS = {
    "twilio_api_v2010.json": (
        "/2010-04-01/Accounts/{Sid}.json",
        f"{ACCOUNT}/Balance.json",
        f"{ACCOUNT}/Messages.json",
        f"{ACCOUNT}/Messages/{{Sid}}.json",
        f"{ACCOUNT}/Messages/{{MessageSid}}/Media.json",
        f"{ACCOUNT}/IncomingPhoneNumbers.json",
        f"{ACCOUNT}/IncomingPhoneNumbers/{{Sid}}.json",
        f"{ACCOUNT}/Applications.json",
        f"{ACCOUNT}/Applications/{{Sid}}.json",
    ),
    "twilio_messaging_v1.json": (
        "/v1/Services",
        "/v1/Services/{Sid}",
        "/v1/Services/{ServiceSid}/PhoneNumbers",
        "/v1/Services/{MessagingServiceSid}/Compliance/Usa2p",
        "/v1/Tollfree/Verifications",
    ),
    "twilio_accounts_v1.json": ("/v1/Messaging/GeoPermissions",),
}
TARGET = Path(__file__).with_name("twilio_api_slice.json")


def main(folder: Path) -> None:
    """Write the slice of the descriptions in ``folder``."""
    whole: dict[str, Any] = {}
    for name, paths in PATHS.items():
        description = json.loads((folder / name).read_text())
        piece = slice_paths(description, paths)
        if not whole:
            whole = piece
        else:
            whole["paths"].update(piece["paths"])
            whole["components"]["schemas"].update(piece["components"]["schemas"])
    TARGET.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
    sys.stdout.write(f"{TARGET.name}: {TARGET.stat().st_size // 1024} KB, {len(whole['paths'])} paths\n")


def slice_paths(description: dict[str, Any], paths: tuple[str, ...]) -> dict[str, Any]:
    """The description with these paths and the schemas they need."""
    kept = {path: _plain(description["paths"][path]) for path in paths}
    schemas: dict[str, Any] = {}
    wanted = _references(kept)
    while wanted:
        name = wanted.pop()
        if name not in schemas:
            schemas[name] = _plain(description["components"]["schemas"][name])
            wanted |= _references(schemas[name])
    components = description["components"]
    return {
        "openapi": description["openapi"],
        "info": description["info"],
        "servers": description["servers"],
        "paths": kept,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": components["securitySchemes"],
        },
    }


def _plain(part: Any) -> Any:
    """The part without examples, tags of code generators and vendor extensions."""
    if isinstance(part, list):
        return [_plain(item) for item in part]
    if not isinstance(part, dict):
        return part
    return {
        key: _plain(value)
        for key, value in part.items()
        if key not in ("examples", "tags") and not key.startswith("x-")
    }


def _references(part: Any) -> set[str]:
    if isinstance(part, list):
        return set().union(*map(_references, part))
    if not isinstance(part, dict):
        return set()
    found = {part["$ref"].rpartition("/")[2]} if isinstance(part.get("$ref"), str) else set()
    return found.union(*map(_references, part.values()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
