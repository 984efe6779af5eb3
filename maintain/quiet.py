"""Runs a module as ``python -m`` does, without TensorFlow where Rasa does not need it, without the deprecation warnings
of Rasa's libraries about one another, and, if it is Rasa's server, with no model but the current one of our store.

``PYTHONWARNINGS`` cannot silence them: Sanic turns such warnings on when it is imported, so the filter is set after it.
"""

from __future__ import annotations

import os
import runpy
import sys
import warnings

import sanic.app  # noqa: F401

warnings.simplefilter("ignore", DeprecationWarning)

from faq.logs import configure  # noqa: E402
from maintain.own_models import load_only_own_models  # noqa: E402
from maintain.without_tensorflow import leave_out_tensorflow  # noqa: E402

if __name__ == "__main__":
    leave_out_tensorflow()
    configure(os.environ)  # for what is said before the module sets up its own way to log
    del sys.argv[0]
    if sys.argv[:2] == ["rasa", "run"]:
        load_only_own_models(os.environ)
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
