"""Keeps Rasa from importing TensorFlow where no component of config.yml uses it: seconds and hundreds of megabytes.

Rasa 3.6 imports every component it knows, and some of them TensorFlow. Here the modules that are imported for that are
answered with empty ones, whose classes can be named and inherited from but not used. So are libraries of channels and
stores that this project does not have. Rasa itself stays as it is on the disk
(docs/decisions/0011-without-tensorflow.md).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from faq.errors import SetupError
from maintain.settings import ROOT

RASA = "3.6.21"
"""The release of Rasa whose imports are known; with any other, TensorFlow is imported as usual."""

NEEDING = frozenset(
    "DIETClassifier ResponseSelector TEDPolicy UnexpecTEDIntentPolicy ConveRTFeaturizer LanguageModelFeaturizer".split()
)
"""Rasa's components that use TensorFlow."""

STANDING_IN = frozenset(
    "tensorflow tensorflow.keras tensorflow.keras.backend tensorflow.keras.utils tensorflow.python "
    "tensorflow.python.eager tensorflow.python.eager.wrap_function tensorflow.types tensorflow.types.experimental "
    "keras keras.utils keras.utils.control_flow_util".split()
)
"""What Rasa imports when it starts. Nothing else is answered, so that libraries which ask whether TensorFlow is there
(spaCy's does, for ``tensorflow.experimental``) find that it is not."""

UNUSED = frozenset(
    "aiogram fbmessenger mattermostwrapper pymongo PyRuSH quickumls rocketchat_API slack_sdk twilio "
    "webexteamssdk".split()
)
"""Libraries that Rasa and medspaCy import for what this project does not use, with all their modules."""


def leave_out_tensorflow(config: Path = ROOT / "config.yml") -> bool:
    """Arranges that Rasa is imported without TensorFlow; call it before the first import of Rasa.

    Args:
        config: the configuration whose components decide.

    Returns:
        Whether it is left out. It is not where a component needs it, where Rasa is another release, or where it is
        imported already.
    """
    if isinstance(sys.modules.get("tensorflow"), _StandIn):
        return True
    if "tensorflow" in sys.modules or version("rasa") != RASA or needs_tensorflow(_read(config)):
        return False
    sys.meta_path.insert(0, _Finder())
    return True


def needs_tensorflow(config: Mapping[str, Any]) -> bool:
    """Tells whether a configuration uses TensorFlow.

    Args:
        config: as in config.yml.

    Returns:
        True also where it has no pipeline or no policies: Rasa then takes its own, with DIET and TED.
    """
    parts = config.get("pipeline"), config.get("policies")
    entries = [each for part in parts for each in part or () if isinstance(each, Mapping)]
    names = {str(each.get("name")).rpartition(".")[2] for each in entries}
    return not all(parts) or not names.isdisjoint(NEEDING)


def _read(config: Path) -> Mapping[str, Any]:
    """An unreadable file counts as an empty one: what is wrong with it, Rasa says."""
    try:
        content = yaml.safe_load(config.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError):
        return {}
    return content if isinstance(content, dict) else {}


class _LeftOut(type):
    """A class in name only; so are its attributes."""

    def __getattr__(cls, name: str) -> _LeftOut:
        return _left_out(cls, name, cls.__module__)

    def __call__(cls, *_: object, **__: object) -> None:
        if cls.__module__ in UNUSED:
            raise SetupError(
                f"[TFL02] {cls.__module__}.{cls.__name__} is used, but was left out, since nothing here needed it: "
                f"take {cls.__module__} out of UNUSED in maintain/without_tensorflow.py."
            )
        raise SetupError(
            f"[TFL01] {cls.__module__}.{cls.__name__} is used, but TensorFlow was left out since config.yml names no "
            "component that needs it: if the model was trained with another config.yml, train anew; if a component "
            "of yours needs it, add its class name to NEEDING in maintain/without_tensorflow.py."
        )


class _StandIn(ModuleType):
    """A module in name only."""

    def __getattr__(self, name: str) -> _LeftOut:
        return _left_out(self, name, self.__name__.partition(".")[0])


def _left_out(owner: _LeftOut | _StandIn, name: str, library: str) -> _LeftOut:
    if name.startswith("__"):
        raise AttributeError(name)
    made = _LeftOut(name, (), {"__module__": library})
    setattr(owner, name, made)
    return made


class _Finder(MetaPathFinder, Loader):
    def find_spec(self, fullname: str, _path: Sequence[str] | None = None, _target: object = None) -> ModuleSpec | None:
        left_out = fullname in STANDING_IN or fullname.partition(".")[0] in UNUSED
        return ModuleSpec(fullname, self, is_package=True) if left_out else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is in it."""
