"""The figures of a channel: counted once per hour and day, read for a page, held equal to a recount."""
