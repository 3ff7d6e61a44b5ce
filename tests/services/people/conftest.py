"""Channels whose host knows people: with a texter who was answered, and with nobody yet."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.services.people.first_texts import day
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


@pytest.fixture
def ready(texting: Flask, host: MemoryHost) -> Flask:
    """Connected, and it is day everywhere."""
    host.contract_version = 4
    day(texting, 0, 24)
    return texting
