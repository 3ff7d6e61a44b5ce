"""The bill of materials of a wheel: what a host gets with it, in CycloneDX 1.6.

Components are what ``locks/run.txt`` pins, with the hashes of their files, and the one JavaScript library that the
wheel carries. https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tools.htmx import Bundled, bundled_htmx
from tools.locks import Pin, read_lock

NAME = "illumichat-sms-plugin"


def bill_of_materials(wheel: Path, version: str, pins: Sequence[Pin] | None = None) -> dict[str, Any]:
    """The document for ``wheel``."""
    components = [_component(pin) for pin in (read_lock("run") if pins is None else pins)]
    components.append(_javascript(bundled_htmx()))
    root = f"pkg:pypi/{NAME}@{version}"
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
            "component": {
                "type": "library",
                "bom-ref": root,
                "name": NAME,
                "version": version,
                "purl": root,
                "licenses": [{"expression": "MIT AND 0BSD"}],
                "hashes": [_hash(hashlib.sha256(wheel.read_bytes()).hexdigest())],
            },
        },
        "components": components,
        "dependencies": [{"ref": root, "dependsOn": [part["bom-ref"] for part in components]}],
    }


def _component(pin: Pin) -> dict[str, Any]:
    """``hashes`` of a component are of one file; a package has several, so each stands as a distribution of its own."""
    purl = f"pkg:pypi/{pin.name}@{pin.version}"
    files = [
        {
            "type": "distribution",
            "url": f"https://pypi.org/project/{pin.name}/{pin.version}/",
            "hashes": [_hash(one)],
        }
        for one in pin.hashes
    ]
    marker = [{"name": "python:marker", "value": pin.marker}] if pin.marker else []
    return {
        "type": "library",
        "bom-ref": purl,
        "name": pin.name,
        "version": pin.version,
        "purl": purl,
        "externalReferences": files,
    } | ({"properties": marker} if marker else {})


def _javascript(library: Bundled) -> dict[str, Any]:
    purl = f"pkg:npm/htmx.org@{library.version}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": "htmx.org",
        "version": library.version,
        "purl": purl,
        "licenses": [{"license": {"id": "0BSD"}}],
        "hashes": [_hash(library.sha256)],
    }


def _hash(digest: str) -> dict[str, str]:
    return {"alg": "SHA-256", "content": digest}
