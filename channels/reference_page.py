"""An OpenAPI description as an HTML page without a script: each call, its fields, its answers."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/chat/docs.css">
</head>
<body>
<header><h1>{title}</h1><p>{description}</p><p><a href="/chat/openapi.json">OpenAPI description</a></p></header>
<nav aria-label="Calls"><ul>{contents}</ul></nav>
<main>{calls}</main>
</body>
</html>
"""


def render_page(api: dict[str, Any]) -> str:
    """The page of a description whose ``$ref``s all point into itself."""
    calls = [
        (f"{method.upper()} {path}", call) for path, methods in api["paths"].items() for method, call in methods.items()
    ]
    return PAGE.format(
        title=escape(api["info"]["title"]),
        description=escape(api["info"]["description"]),
        contents="".join(f'<li><a href="#{call["operationId"]}">{escape(name)}</a></li>' for name, call in calls),
        calls="".join(_call(api, name, call) for name, call in calls),
    )


def _call(api: dict[str, Any], name: str, call: dict[str, Any]) -> str:
    body = call.get("requestBody", {}).get("content", {}).get("application/json")
    parts = [
        f"<h2><code>{escape(name)}</code></h2><p><strong>{escape(call['summary'])}.</strong></p>",
        f"<p>{escape(call['description'])}</p>" if "description" in call else "",
        "<p>Needs the header <code>Authorization: Bearer <var>session</var></code>.</p>" if "security" in call else "",
        _fields("What to send, as JSON", api, body["schema"]) if body else "",
        _answers(api, call["responses"]),
    ]
    return f'<section id="{call["operationId"]}">{"".join(parts)}</section>'


def _answers(api: dict[str, Any], responses: dict[str, Any]) -> str:
    rows, details = [], []
    for status, reference in sorted(responses.items()):
        response = resolved(api, reference)
        content = response.get("content", {})
        rows.append((status, response["description"], ", ".join(_codes(api, content)), ", ".join(content) or "–"))
        if "application/json" in content:
            details.append(_fields(f"What comes with {status}", api, content["application/json"]["schema"]))
    return _table("Answers", ("Status", "Meaning", "Code", "Content"), rows) + "".join(details)


def _codes(api: dict[str, Any], content: dict[str, Any]) -> Iterator[str]:
    for part in content.get("application/problem+json", {}).get("schema", {}).get("allOf", []):
        yield from resolved(api, part).get("properties", {}).get("code", {}).get("enum", [])


def _fields(caption: str, api: dict[str, Any], schema: dict[str, Any]) -> str:
    schema = resolved(api, schema)
    required = schema.get("required", [])
    rows = []
    for name, reference in schema.get("properties", {}).items():
        field = resolved(api, reference)
        needed = "yes" if name in required else "no"
        rows.append((name, _kind(api, field), needed, field.get("description", "")))
    return _table(caption, ("Field", "Kind", "Always", "Meaning"), rows) if rows else ""


def _kind(api: dict[str, Any], field: dict[str, Any]) -> str:
    """A field's type in words, with its limits."""
    if "const" in field or "enum" in field:
        return " or ".join(str(value) for value in field.get("enum", [field.get("const")]))
    types = field.get("type", "object")
    words = " or ".join(types) if isinstance(types, list) else types
    if "items" in field:
        inner = resolved(api, field["items"])
        words += " of {" + ", ".join(inner.get("properties", {})) + "}"
    if "maxLength" in field:
        words += f", at most {field['maxLength']} characters"
    return f"{words}, {field['format']}" if "format" in field else words


def _table(caption: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    body = "".join(
        f'<tr><th scope="row"><code>{escape(row[0])}</code></th>'
        + "".join(f"<td>{escape(text)}</td>" for text in row[1:])
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="table" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def resolved(api: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """What a ``$ref`` points to, or the part itself."""
    if "$ref" not in part:
        return part
    for step in part["$ref"].removeprefix("#/").split("/"):
        api = api[step]
    return api
