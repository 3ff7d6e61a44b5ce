"""The demo: a small host, a simulated Twilio, and the command that starts both. Not part of the wheel."""
