"""Try it here: an admin texts the assistant on the SMS page, and nothing is sent. docs/decisions/rehearsal.md"""
