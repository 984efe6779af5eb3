"""Reads what the page's addresses and forms say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from faq.reply import OUT_OF_SCOPE
from maintain.review.kinds import KINDS
from maintain.review.labels import Label
from maintain.review.messages import ReaderMessage
from maintain.review.queue import Filter

FIELDS = ("since", "until", "intent", "kind", "words")
"""Names of the filter's fields in addresses; in forms they begin with ``f_``."""


def read_filter(fields: Mapping[str, str], prefix: str = "") -> Filter:
    """Reads a filter; a field that makes no sense filters nothing.

    Args:
        fields: of an address or a form.
        prefix: of the names.
    """
    given = {name: fields.get(prefix + name, "").strip() for name in FIELDS}
    kind = given["kind"] if given["kind"] in KINDS else ""
    return Filter(_day(given["since"]), _day(given["until"]), given["intent"], kind, given["words"])


def as_query(wanted: Filter, **more: str) -> str:
    """A filter as the query of an address, with the ``?``.

    Args:
        wanted: the filter.
        more: further fields, such as ``at``.
    """
    fields = {**filter_fields(wanted), **more}
    query = urlencode({name: value for name, value in fields.items() if value})
    return f"?{query}" if query else ""


def filter_fields(wanted: Filter) -> dict[str, str]:
    """The filter's fields as text."""
    days = {"since": str(wanted.since or ""), "until": str(wanted.until or "")}
    return {**days, "intent": wanted.intent, "kind": wanted.kind, "words": wanted.words}


def read_label(fields: Mapping[str, str], message: ReaderMessage) -> Label | None:
    """What a form says about a message.

    Args:
        fields: ``action`` is ``accept``, ``intent:<name>``, ``two``, ``out``, ``ignore``, or one of them behind
            ``confirm:``; ``phrase`` is the text for the data.
        message: that it is about.

    Returns:
        The label; None where the message is to be ignored or the action is not known.
    """
    action, text = fields.get("action", ""), fields.get("phrase", "")
    confirmed = action.startswith("confirm:")
    name, _, value = action.removeprefix("confirm:").partition(":")
    chosen = {
        "accept": message.best,
        "intent": tuple(value.split("+")),
        "two": tuple(fields[key] for key in ("first", "second") if fields.get(key)),
        "out": (OUT_OF_SCOPE,),
    }
    if name not in chosen:
        return None
    return Label(text, chosen[name], answered=not message.refused, confirmed=confirmed)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
