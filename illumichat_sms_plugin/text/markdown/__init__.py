"""Markdown as a person would type it in a text message."""
