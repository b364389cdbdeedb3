"""Pages that need nothing beside them: no template, no file, no script, nobody's server."""

HTML = b"text/html; charset=utf-8"
"""Their media type."""


def plain_page(title: str, body: str, style: str = "") -> bytes:
    """A page; light and dark as the system is.

    Args:
        title: HTML, as its text is escaped already.
        body: HTML.
        style: CSS of its own.
    """
    look = f"<style>{style}</style>" if style else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark">{look}</head><body>{body}</body></html>\n'
    ).encode()
