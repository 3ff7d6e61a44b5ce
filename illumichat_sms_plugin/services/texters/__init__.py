"""What a texter decides: consent to be texted, and to be forgotten."""
