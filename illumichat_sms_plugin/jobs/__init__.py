"""What workers run: thin, by id, safe to run twice."""
