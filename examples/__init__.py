"""Hosts that nobody here wrote."""
