"""The Doctor: walks the whole way of a text and says what is wrong where, and what to do.

Each check is one function of an :class:`~.examination.Examination` that returns a
:class:`~.findings.Finding`. They run side by side, see run.py; the list of them is checks.py.
"""
