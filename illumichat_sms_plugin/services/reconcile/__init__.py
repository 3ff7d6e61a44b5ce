"""Housekeeping: what our rows and Twilio, or the queue, do not agree on is looked up and set right."""
