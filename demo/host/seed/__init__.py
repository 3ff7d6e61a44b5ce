"""Fill an empty host with two workspaces that are ready to be used."""

from demo.host.seed.fill import API_KEYS, seed

__all__ = ["API_KEYS", "seed"]
