"""An exception in words, out of its document (core/document.py): for verbs, and for the trail."""

from firstsight.core.document import Document
from firstsight.core.exceptions import NEVER


def matched(document: Document) -> str:
    """What it matches: `*.example.com, agent LAB-*`."""
    parts = [document["domain"]]
    parts += [f"{key} {document[key]}" for key in ("process", "agent") if document[key]]
    return ", ".join(filter(None, parts))


def held(document: Document) -> str:
    """What it holds back."""
    return "+".join(document["scope"]) or "all but known_indicator"


def phrase(document: Document) -> str:
    """What it matches and holds back, and until when."""
    until = "for good" if document["expires"] == NEVER else f"until {document['expires']}"
    return f"{matched(document)}, {held(document)} held back, {until}"


def account(document: Document) -> str:
    """Everything of it that somebody has decided, as the trail tells it."""
    whom = f", on behalf of {document['on_behalf_of']}" if document["on_behalf_of"] else ""
    return f"{document['id']} {phrase(document)}{whom}: {document['reason']}"
