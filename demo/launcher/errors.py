"""What ends the demo before somebody stops it."""


class CannotStart(Exception):  # noqa: N818 - reads as what happened
    """A prerequisite is missing; the text is one sentence that names it and what to do."""


class ChildDied(Exception):  # noqa: N818 - reads as what happened
    """A process of the demo ended by itself; the text says which, how, and the end of its log."""
