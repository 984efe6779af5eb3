"""Runs a module as ``python -m`` does, without the deprecation warnings of Rasa's libraries about one another.

``PYTHONWARNINGS`` cannot do that: Sanic turns such warnings on when it is imported, and Rasa, when it starts, those
about pyparsing. So what would warn is imported before, and the filter is set after Sanic.
"""

from __future__ import annotations

import runpy
import sys
import warnings

import sanic.app  # noqa: F401

warnings.simplefilter("ignore", DeprecationWarning)

import matplotlib  # noqa: E402, F401
import packaging.requirements  # noqa: E402, F401

if __name__ == "__main__":
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
