"""`/docs`: the API's OpenAPI description as a page. Made here, so that it needs no script and nobody's server."""

from html import escape
from typing import Any

from firstsight.web.plain import plain_page

_TITLE = "firstsight API"


def page(openapi: dict[str, Any]) -> bytes:
    """The page.

    Args:
        openapi: the OpenAPI 3.1 document.
    """
    parts = [f"<h1>{_TITLE}</h1>", f"<p>{escape(openapi['info']['description'])} The machine-readable form is at "]
    parts.append(
        '<a href="/openapi.json">/openapi.json</a>; <code>GET /&lt;domain&gt;</code> answers as Domain Stats.</p>'
    )
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            parts.append(f"<h2><code>{escape(method.upper())} {escape(path)}</code></h2>")
            parts.append(f"<p>{escape(operation.get('summary', ''))}</p>")
            parts.extend(_parameters(operation))
            answers = ", ".join(
                f"{escape(code)} {escape(answer['description'])}" for code, answer in operation["responses"].items()
            )
            parts.append(f"<p>Answers: {answers}</p>")
    return plain_page(_TITLE, "\n".join(parts))


def _parameters(operation: dict[str, Any]) -> list[str]:
    rows = [
        f"<li><code>{escape(parameter['name'])}</code> ({escape(parameter['in'])}) "
        f"{escape(parameter.get('description', ''))}</li>"
        for parameter in operation.get("parameters", [])
    ]
    return ["<ul>", *rows, "</ul>"] if rows else []
