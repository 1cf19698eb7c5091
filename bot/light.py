"""Start Rasa without TensorFlow: no component of this bot uses it, yet importing it costs 15 s and 350 MB.

A finder answers imports of TensorFlow and its relatives with empty stand-ins, so that Rasa's unused neural components
can be defined. It is refused when the pipeline names a component that would need the real thing.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import yaml

# The last one is a chat service's client that runs git at import.
_HEAVY = frozenset(
    {"tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras", "jax", "webexteamssdk"}
)
# thinc (spaCy) asks for this one to learn whether TensorFlow is there.
_ABSENT = ("tensorflow.experimental",)
_LIGHT_COMPONENTS = frozenset({"FallbackClassifier", "RulePolicy", "MemoizationPolicy"})


class _Kind(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _stand_in(name)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls.__name__ == "function" and len(args) == 1 and callable(args[0]):  # @tf.function
            return args[0]
        return super().__call__(*args, **kwargs)


class _Anything(metaclass=_Kind):
    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _stand_in(name)

    def __call__(self, *args: Any, **_: Any) -> Any:
        return args[0] if len(args) == 1 and callable(args[0]) else _Anything()

    def __class_getitem__(cls, _: Any) -> Any:
        return cls


def _stand_in(name: str) -> Any:
    return _Kind(name, (_Anything,), {})


class _StandInModule(types.ModuleType):
    __path__: ClassVar[list[str]] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return sys.modules.get(f"{self.__name__}.{name}") or _stand_in(name)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None) -> Any:
        if fullname.split(".")[0] not in _HEAVY:
            return None
        if fullname.startswith(_ABSENT):
            raise ModuleNotFoundError(fullname, name=fullname)
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _StandInModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def needs_tensorflow(config: Path) -> bool:
    """True when the configuration names a component that is neither ours nor known to do without."""
    content = yaml.safe_load(config.read_text(encoding="utf-8"))
    names = [item["name"] for part in ("pipeline", "policies") for item in content.get(part) or []]
    return any(not name.startswith("bot.") and name not in _LIGHT_COMPONENTS for name in names)


def install(config: Path) -> bool:
    """Put the finder in place; false when TensorFlow is needed, wanted (`FENGQIAO_BOT_FULL=1`) or already loaded."""
    if os.environ.get("FENGQIAO_BOT_FULL") == "1" or "tensorflow" in sys.modules or needs_tensorflow(config):
        return False
    sys.meta_path.insert(0, _Finder())
    return True
