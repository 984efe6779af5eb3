"""What Sanic 21.12.2 looks up anew for every request although it never changes: here it is looked up once.

Sanic itself stays as it is on the disk (docs/decisions/0015-reply-path.md).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from importlib.metadata import version
from inspect import iscoroutinefunction
from typing import Any

from sanic.signals import SignalRouter

SANIC = "21.12.2"
"""The release whose code is known; any other is left as it is."""


def make_quick() -> bool:
    """Replaces a method of Sanic's by one that remembers; twice is no error.

    Returns:
        Whether it is replaced: not where Sanic is another release.
    """
    if version("sanic") != SANIC:
        return False
    SignalRouter.dispatch = _dispatch
    return True


class _Done:
    """What can be waited for and has happened."""

    def __await__(self) -> Generator[Any, None, None]:
        yield from ()


_DONE = _Done()
_sanics_dispatch = SignalRouter.dispatch


def _dispatch(
    self: SignalRouter,
    event: str,
    *,
    context: dict[str, Any] | None = None,
    condition: dict[str, str] | None = None,
    inline: bool = False,
    **how: Any,
) -> Awaitable[Any]:
    """Sanic looks for the handlers of a signal seven times a request, at all of its kind, and wakes those who wait for
    it, whom there are none of here."""
    if not inline or condition or not event.startswith("http."):
        return _sanics_dispatch(self, event, context=context, condition=condition, inline=inline, **how)
    known: dict[str, Callable[..., Awaitable[Any]]] = self.__dict__.setdefault("_known", {})
    if event not in known:
        known[event] = _handler(self, event)
    return known[event](**(context or {}))


def _handler(router: SignalRouter, event: str) -> Callable[..., Awaitable[Any]]:
    """What is to be called for a signal without a condition: of several handlers, or one that cannot be waited for,
    Sanic takes care."""
    handlers = [
        signal.handler
        for signal in router.get(event)[0]
        if (signal.ctx.trigger or event == signal.ctx.definition)
        and not (signal.ctx.exclusive and signal.handler.__requirements__)
    ]
    if not handlers:
        return lambda **_: _DONE
    if len(handlers) == 1 and iscoroutinefunction(handlers[0]):
        return handlers[0]
    return lambda **context: _sanics_dispatch(router, event, context=context, inline=True)
