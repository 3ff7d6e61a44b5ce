"""A texter whose first text was answered."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.channels import run_jobs
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in


@pytest.fixture
def answered(texting: Flask, host: MemoryHost) -> Flask:
    """The assistant has answered a first text."""
    host.contract_version = 4
    text_in(texting, "Is anybody there?")
    run_jobs(texting)
    return texting
