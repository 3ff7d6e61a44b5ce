"""What texters attach: fetched once, kept for a while, deleted with the texter."""
