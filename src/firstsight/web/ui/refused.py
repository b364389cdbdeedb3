"""What a person gets to see who may not see the pages: it needs no file beside it, as none would be given."""

from html import escape

from firstsight.web.plain import HTML, plain_page

_BODY = """<h1>{title}</h1><p>{detail}</p>
<p>These pages open without a login on the machine that firstsight runs on. From elsewhere, <a href="/login">log in</a>
(an administrator says who may), or go through an SSH tunnel
(<code>ssh -L 5730:127.0.0.1:5730 that-machine</code>, then <code>http://127.0.0.1:5730/ui/</code>).</p>"""


def refusal(status: int, title: str, detail: str) -> tuple[bytes, bytes]:  # noqa: ARG001  # as others say it
    """The page and its media type."""
    said = escape(title)
    return plain_page(f"firstsight: {said}", _BODY.format(title=said, detail=escape(detail))), HTML
