"""The words of a text: what a texter means, and an answer as plain text in segments. Pure, without I/O."""
