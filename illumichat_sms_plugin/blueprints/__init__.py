"""Doors for HTTP: Twilio webhooks, settings pages, JSON API."""
