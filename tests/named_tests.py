"""The tests that a page names, as `path::function` in backticks."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

NOT_RUN = r"\bmark\.(skip|skipif|xfail|slow)\b"
"""Marks with which `make test` leaves a test out."""
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def named(text: str) -> list[str]:
    """What stands in backticks and looks like a file."""
    return [name for name in re.findall(r"`([^`]+)`", text) if "." in name]


def is_test(root: Path, name: str) -> bool:
    path, _, function = name.partition("::")
    return function in functions_of(root / path)


@cache
def functions_of(path: Path) -> frozenset[str]:
    """The test functions of a file that `make test` collects and that are not skipped."""
    if not path.is_file() or not path.name.startswith("test_"):
        return frozenset()
    body = ast.parse(path.read_text(encoding="utf-8")).body
    if any(isinstance(node, ast.Assign) and re.search(NOT_RUN, ast.unparse(node)) for node in body):
        return frozenset()
    functions = [node for node in body if isinstance(node, FUNCTIONS)]
    return frozenset(each.name for each in functions if each.name.startswith("test_") and not _is_skipped(each))


def _is_skipped(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(re.search(NOT_RUN, ast.unparse(decorator)) for decorator in function.decorator_list)
