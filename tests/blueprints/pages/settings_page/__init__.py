"""The SMS page and its card."""
