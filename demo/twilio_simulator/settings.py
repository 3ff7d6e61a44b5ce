"""How fast the simulated network is. All times in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Timings:
    """When things happen to an outgoing message, counted from its creation, and to webhooks."""

    sending: float = 0.005
    sent: float = 0.010
    delivered: float = 0.020
    price: float = 0.030
    """How long after its end a message gets its price."""
    webhook: float = 0.0
    """How long after a text was received its webhook is called."""
    webhook_timeout: float = 15.0
    """What all attempts of one webhook may take together; Twilio's is 15."""


FAST = Timings()
"""For tests: a message is delivered after 20 ms."""

HUMAN = Timings(sending=0.15, sent=0.3, delivered=1.1, price=4.0, webhook=0.15)
"""For people who watch."""
