"""The inside of a Markdown paragraph as plain text: emphasis, links, images, code and HTML tags."""

from __future__ import annotations

from collections.abc import Sequence

from illumichat_sms_plugin.text.markdown.emphasis import Pairing, Run
from illumichat_sms_plugin.text.markdown.html_tags import GAP, separated
from illumichat_sms_plugin.text.markdown.links import linked
from illumichat_sms_plugin.text.markdown.scan import LinkEnd, LinkStart, Piece, References, has_markup, scan


def inline_text(source: str, references: References, used: set[str]) -> str:
    """The text of a paragraph; labels of ``references`` that it uses are added to ``used``."""
    if has_markup(source):
        pieces = scan(source, references, used)
        if "*" in source or "_" in source:
            _pair(source, pieces)
        source = separated(_written(pieces))
    return "\n".join(line.strip(" ") for line in source.split("\n"))


def _pair(source: str, pieces: Sequence[Piece]) -> None:
    """Find the marks that are emphasis; those of a link's label pair among themselves."""
    levels = [Pairing(source)]
    for piece in pieces:
        if isinstance(piece, str):
            continue
        if isinstance(piece, Run):
            levels[-1].add(piece)
        elif isinstance(piece, LinkStart) and piece.is_link:
            levels.append(Pairing(source))
        elif isinstance(piece, LinkEnd) and len(levels) > 1:
            levels.pop()


def _written(pieces: Sequence[Piece]) -> str:
    out: list[str] = []
    links: list[tuple[int, str | None]] = []
    """Of each open link: the place of its label, and where an HTML link leads."""
    for piece in pieces:
        if isinstance(piece, str):
            out.append(piece)
        elif isinstance(piece, Run):
            out.append(piece.mark * piece.left)
        elif isinstance(piece, LinkStart):
            if piece.is_link:
                links.append((len(out), None if piece.bracket else piece.url))
                out.append(GAP if piece.is_image else "")
            else:
                out.append(piece.bracket)
        elif piece.url is not None:
            while links and links[-1][1] is not None:
                _close(out, links, None)  # <a href=…> that was not closed within the label
            _close(out, links, piece.url)
            out.append(GAP if piece.is_image else "")
        elif links and links[-1][1] is not None:
            _close(out, links, None)
    while links:
        _close(out, links, None)
    return "".join(out)


def _close(out: list[str], links: list[tuple[int, str | None]], url: str | None) -> None:
    """Put a link in place of its label."""
    start, own = links.pop()
    label = "".join(out[start:])
    said = label.strip()
    before, _, after = label.partition(said) if said else (GAP, "", GAP + label)
    out[start:] = [before, linked(said, url if url is not None else own or ""), after]
