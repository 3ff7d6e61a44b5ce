"""The bill of materials names all that a host gets, with hashes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tools.htmx import bundled_htmx
from tools.locks import read_lock
from tools.release import write_bill


def test_the_bill_lies_beside_the_wheel_and_names_everything(tmp_path: Path) -> None:
    wheel = tmp_path / "illumichat_sms_plugin-9.8.7-py3-none-any.whl"
    wheel.write_bytes(b"a wheel")
    bill = json.loads(write_bill(wheel).read_text())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    ours = bill["metadata"]["component"]
    assert ours["purl"] == "pkg:pypi/illumichat-sms-plugin@9.8.7"
    assert ours["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(b"a wheel").hexdigest()}]
    purls = {part["purl"] for part in bill["components"]}
    assert purls == {f"pkg:pypi/{pin.name}@{pin.version}" for pin in read_lock("run")} | {
        f"pkg:npm/htmx.org@{bundled_htmx().version}"
    }
    refs = [part["bom-ref"] for part in bill["components"]]
    assert len(refs) == len(set(refs)), "a reference stands for one component"
    assert set(bill["dependencies"][0]["dependsOn"]) == set(refs)
    for part in bill["components"]:
        assert part.get("hashes") or all(file["hashes"] for file in part["externalReferences"])
