"""The phones page at ``/``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

if TYPE_CHECKING:
    from demo.twilio_simulator.simulator import Simulator


def phones_page(sim: Simulator) -> Blueprint:
    """The blueprint of the page and what it polls."""
    return Blueprint("phones_page", __name__)
