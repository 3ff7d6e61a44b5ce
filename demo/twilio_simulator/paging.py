"""Lists in pages, as the REST API of 2010 gives them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from demo.twilio_simulator.errors import ApiError

MAX_PAGE_SIZE = 1000
DEFAULT_PAGE_SIZE = 50

Row = TypeVar("Row")


def page_size(args: MultiDict[str, str]) -> int:
    """``PageSize``, 50 when not given; more than 1000 is taken as 1000."""
    return min(_number(args, "PageSize", DEFAULT_PAGE_SIZE, least=1), MAX_PAGE_SIZE)


def page_2010(
    rows: Sequence[Row],
    key: str,
    path: str,
    args: MultiDict[str, str],
    *,
    show: Callable[[Row], dict[str, Any]],
    sid: Callable[[Row], str],
) -> dict[str, Any]:
    """One page of ``rows`` under ``key``. The page token names the last row that was shown before."""
    size, page = page_size(args), _number(args, "Page", 0, least=0)
    token = args.get("PageToken", "")
    if token:
        places = [i for i, row in enumerate(rows) if f"PA{sid(row)}" == token]
        if not places:
            raise ApiError(20422, name="PageToken")
        start = places[0] + 1
    else:
        start = page * size
    shown = rows[start : start + size]

    def uri(number: int, after: Row | None = None) -> str:
        query = [(k, v) for k, v in args.items(multi=True) if k not in ("PageSize", "Page", "PageToken")]
        query += [("PageSize", str(size)), ("Page", str(number))]
        if after is not None:
            query.append(("PageToken", f"PA{sid(after)}"))
        return f"{path}?{urlencode(query)}"

    more = start + size < len(rows)
    return {
        key: [show(row) for row in shown],
        "end": start + len(shown) - 1 if shown else start,
        "first_page_uri": uri(0),
        "next_page_uri": uri(page + 1, shown[-1]) if more else None,
        "page": page,
        "page_size": size,
        "previous_page_uri": uri(page - 1) if page > 0 else None,
        "start": start,
        "uri": uri(page),
    }


def _number(args: MultiDict[str, str], name: str, default: int, *, least: int) -> int:
    text = args.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= least):
        raise ApiError(20422, name=name)
    return int(text)
