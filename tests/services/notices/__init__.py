"""What the host is told."""
