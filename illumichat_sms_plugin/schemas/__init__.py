"""Outside words in and out."""
