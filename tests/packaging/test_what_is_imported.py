"""A web process loads what webhooks need, and nothing else that is large."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WEBHOOK = """
import sys
from illumichat_sms_plugin.runtime.runtime import current_runtime
from tests.support.apps import make_app
from tests.support.memory_host import MemoryHost

app = make_app("sqlite://", MemoryHost(), SMS_REDIS_URL=sys.argv[1])
with app.app_context():
    assert current_runtime().queue.answer_session(1, 1)
print(*(name for name in ("alembic", "rq", "twilio") if name in sys.modules))
"""


def test_neither_alembic_nor_rq_nor_twilios_library_is_needed_to_take_a_text(redis_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WEBHOOK, redis_url],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.strip() == ""
