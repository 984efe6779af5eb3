#!/usr/bin/env python3
"""Writes what the assistant is made of, in CycloneDX: var/sbom/python.cdx.json and, with npm, var/sbom/widget.cdx.json.

Run by ``make sbom``. Versions and hashes are those of the locks; licences are what the installed packages declare.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
"""What is installed on a server, and nothing of what only tests need."""
AUDIT = ROOT / "var" / "audit" / "bin"
TARGET = ROOT / "var" / "sbom"

VALIDATE = """
import json, sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
text = sys.stdin.read()
version = SchemaVersion.from_version(json.loads(text)["specVersion"])
fault = JsonStrictValidator(version).validate_str(text)
sys.exit(repr(fault) if fault else 0)
"""
"""Holds a document against CycloneDX's schema, which comes with cyclonedx-python-lib."""

Document = dict[str, Any]


class SbomError(Exception):
    """A part of it could not be made; the message says what to do."""


def read_hashes(lock: str) -> dict[tuple[str, str], list[str]]:
    """Returns the SHA-256 of each file of each package and version of a lock.

    Args:
        lock: its text.
    """
    entries = re.split(r"(?m)^(?=[\w.-]+==)", lock)[1:]
    pins = [(re.match(r"([\w.-]+)==([^\s;\\]+)", entry), entry) for entry in entries]
    return {
        (canonicalize_name(pin[1]), pin[2]): re.findall(r"--hash=sha256:([0-9a-f]{64})", entry)
        for pin, entry in pins
        if pin
    }


def python_document(lock: str, python: Path) -> Document:
    """Describes the locked Python packages.

    Args:
        lock: the text of a lock; all of it is installed.
        python: of the environment in which it is.

    Returns:
        A CycloneDX document.

    Raises:
        SbomError: something locked is not installed.
    """
    options = ["--no-validate", "--pyproject", str(ROOT / "pyproject.toml"), "--output-reproducible"]
    document = called(
        [str(AUDIT / "cyclonedx-py"), "environment", str(python), *options, "--of", "JSON", "--sv", "1.6"]
    )
    hashes = read_hashes(lock)
    named = {(canonicalize_name(each["name"]), each["version"]): each for each in document["components"]}
    missing = sorted(" ".join(pin) for pin in hashes.keys() - named.keys())
    if missing:
        raise SbomError(f"Locked and not installed: {', '.join(missing)}. Run `make setup`.")
    document["components"] = [described(named[pin], hashes[pin]) for pin in sorted(hashes)]
    return pruned(document)


def described(component: Mapping[str, Any], hashes: Sequence[str]) -> Document:
    """A package with the hashes of its files and a licence; links to its chat rooms and the like are left out."""
    kept = {key: value for key, value in component.items() if key != "externalReferences"}
    files = [{"name": "requirements.lock:sha256", "value": value} for value in hashes]
    return {**kept, "licenses": component.get("licenses") or declared(component["name"]), "properties": files}


def declared(name: str) -> list[Document]:
    """The licence of a package that has no classifier for it: what it calls it, else the head of its licence file.

    Raises:
        SbomError: it says nothing.
    """
    try:
        package = distribution(name)
    except PackageNotFoundError as error:
        raise SbomError(f"{name} is not installed: run `make setup`.") from error
    texts = [each.read_text().strip() for each in package.files or () if "LICEN" in each.name.upper()]
    called_by = package.metadata["License"] or next((text.splitlines()[0] for text in texts if text), "")
    if not called_by:
        raise SbomError(f"{name} declares no licence: look it up, and do without the package or name it here.")
    return [{"license": {"name": called_by.strip()}}]


def pruned(document: Document) -> Document:
    """A document whose dependencies name only what is in it."""
    root = document["metadata"]["component"]["bom-ref"]
    refs = {root, *(each["bom-ref"] for each in document["components"])}
    kept = [each for each in document["dependencies"] if each["ref"] in refs]
    edges = [{**each, "dependsOn": [ref for ref in each.get("dependsOn", ()) if ref in refs]} for each in kept]
    return {**document, "dependencies": edges}


def widget_document() -> Document:
    """Describes what the widget is built from and with, from its lock."""
    options = ["--sbom-format", "cyclonedx", "--sbom-type", "application", "--package-lock-only"]
    return called(["npm", "sbom", *options], ROOT / "widget")


def called(command: Sequence[str], folder: Path = ROOT) -> Document:
    """Runs a program and returns the JSON that it prints.

    Raises:
        SbomError: it is missing, or it failed.
    """
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603
    except FileNotFoundError as error:
        raise SbomError(f"There is no {command[0]} here: install it (npm: apt-get install npm).") from error
    except subprocess.CalledProcessError as error:
        raise SbomError(f"{' '.join(command)} failed: {error.stderr.strip()}") from error
    return dict(json.loads(done.stdout))


def checked(document: Document) -> str:
    """Returns a document as text that fits CycloneDX's schema.

    Raises:
        SbomError: it does not fit.
    """
    text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    command = [str(AUDIT / "python"), "-c", VALIDATE]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise SbomError(f"The SBOM does not fit CycloneDX's schema: {done.stderr.strip()}")
    return text


def main(target: Path = TARGET) -> int:
    """Writes both documents.

    Args:
        target: the folder, which need not exist.

    Returns:
        The exit code: 1 where one of them could not be made.
    """
    target.mkdir(parents=True, exist_ok=True)
    parts = {
        "python": lambda: python_document(LOCK.read_text(encoding="utf-8"), Path(sys.executable)),
        "widget": widget_document,
    }
    code = 0
    for name, make in parts.items():
        path = target / f"{name}.cdx.json"
        try:
            document = make()
            path.write_text(checked(document), encoding="utf-8")
        except SbomError as error:
            code = 1
            print(f"{name}: {error}", file=sys.stderr)
        else:
            print(f"{path}: {len(document['components'])} components")
    return code


if __name__ == "__main__":
    sys.exit(main())
