"""How a link is said in a text message: its label, its address, or both where each says something."""

from __future__ import annotations

import re
from urllib.parse import unquote

_SCHEME = re.compile(r"(?:https?://)?(?:www\.)?", re.IGNORECASE)
_CONTACT = re.compile(r"(mailto|tel|sms|smsto|callto):(?://)?", re.IGNORECASE)
_NOWHERE = re.compile(r"#|(?:data|javascript|sandbox|attachment|blob|cid|about):", re.IGNORECASE)
"""What leads nowhere from a phone."""
_EXTENSION = re.compile(r";ext=(\d{1,8})", re.IGNORECASE)
MIN_DIGITS = 7
"""A label with fewer digits is no phone number."""


def linked(label: str, url: str) -> str:
    """``label (address)``, or only one of them where the other says nothing new."""
    label, url = label.strip(), url.strip()
    if contact := _CONTACT.match(url):
        address = _contact(contact.group(1).lower(), url[contact.end() :])
        return _once(label, address, says_the_same=_same_contact(label, address))
    if not url or _NOWHERE.match(url):
        return label
    if _bare(label) == _bare(url):
        return url
    return _once(label, url, says_the_same=len(label) > len(url) and url in label.split())


def _once(label: str, address: str, *, says_the_same: bool) -> str:
    if not label or not address or says_the_same:
        return label or address
    return f"{label} ({address})"


def _contact(scheme: str, rest: str) -> str:
    """The address of a mail, call or text; what a program would fill in for the writer is left out."""
    address = rest.partition("?")[0]
    if scheme == "mailto":
        return unquote(address).strip()
    number, _, parameters = address.partition(";")
    extension = _EXTENSION.match(f";{parameters}")
    number = unquote(number.partition("&")[0]).strip()
    return f"{number} ext. {extension.group(1)}" if extension else number


def _same_contact(label: str, address: str) -> bool:
    """Whether the label has the address in it: the mail address, or the number in any spelling."""
    if "@" in address:
        return address.casefold() in label.casefold()
    said, meant = _digits(label), _digits(address)
    return len(said) >= MIN_DIGITS and bool(meant) and (said == meant or meant.endswith(said.lstrip("0")))


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _bare(address: str) -> str:
    return _SCHEME.sub("", address, count=1).rstrip("/").casefold()
