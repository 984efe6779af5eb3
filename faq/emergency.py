"""Whom to call in an emergency, in the country that the operator serves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli

from faq.errors import EmergencyError

VARIABLE = "FAQ_COUNTRY"
"""The environment variable that names the country."""


@dataclass(frozen=True)
class Contact:
    """Somebody to call.

    Attributes:
        words: as they fit behind "call", such as ``999`` or ``your local emergency number``.
        number: what to dial; None where it depends on where the reader is.
    """

    words: str
    number: str | None = None


@dataclass(frozen=True)
class Contacts:
    """Whom to call: ``emergency`` sends an ambulance, ``crisis`` listens to somebody in despair."""

    emergency: Contact
    crisis: Contact


def load_contacts(path: Path, country: str) -> Contacts:
    """Reads whom to call in a country.

    Args:
        path: a TOML file with ``[default]`` and one table for each country, such as ``[countries.GB]``.
        country: an ISO 3166 code in any case, or empty for the default.

    Returns:
        The contacts; where the country has no crisis line, the default's words stand for it.

    Raises:
        EmergencyError: the file cannot be read or is not well formed, or does not know the country.
    """
    content = _read(path)
    default = Contacts(*(Contact(_text(content, path, "default", key)) for key in ("emergency", "crisis")))
    countries = _table(content, path, "countries")
    code = country.strip().upper()
    known = {name: _contacts(content, path, name, default) for name in countries}
    if not code:
        return default
    if code not in known:
        codes = ", ".join(f"{name} ({_text(content, path, 'countries', name, 'name')})" for name in sorted(known))
        raise EmergencyError(
            f"[EMG01] {VARIABLE} is {country!r}, which {path.name} does not know: leave it empty, add the country "
            f"there, or use one of {codes}."
        )
    return known[code]


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomli.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomli.TOMLDecodeError) as error:
        raise EmergencyError(f"[EMG02] {path.name} cannot be read as TOML: {error}. Put it right.") from error


def _contacts(content: Mapping[str, Any], path: Path, code: str, default: Contacts) -> Contacts:
    """One country, with its source, without which no number may stand there."""
    for key in ("name", "source"):
        _text(content, path, "countries", code, key)
    emergency = _text(content, path, "countries", code, "emergency")
    if "crisis" not in content["countries"][code]:
        return Contacts(Contact(emergency, emergency), default.crisis)
    name, number = (_text(content, path, "countries", code, "crisis", key) for key in ("name", "number"))
    return Contacts(Contact(emergency, emergency), Contact(f"{name} on {number}", number))


def _text(content: Mapping[str, Any], path: Path, *keys: str) -> str:
    value = _table(content, path, *keys[:-1]).get(keys[-1])
    if not isinstance(value, str) or not value:
        raise EmergencyError(f'[EMG03] {path.name}, {".".join(keys)}: is missing or no text: write it as "...".')
    return value


def _table(content: Mapping[str, Any], path: Path, *keys: str) -> Mapping[str, Any]:
    table: Any = content
    for key in keys:
        table = table.get(key) if isinstance(table, Mapping) else None
    if not isinstance(table, Mapping):
        raise EmergencyError(f"[EMG04] {path.name} has no [{'.'.join(keys)}]: add that table.")
    return table
