"""Break real processes and count what got lost: see ``python -m tests.faults --help``."""
