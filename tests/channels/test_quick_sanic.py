"""What Sanic is spared gives what Sanic gives; each comparison runs Sanic's own code beside it."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from sanic import Sanic
from sanic.signals import SignalRouter
from sanic_routing.exceptions import NotFound

from channels import quick_sanic

SANICS = SignalRouter.dispatch
"""As it is before any test of this module."""


@pytest.fixture(autouse=True)
def quick():
    before, Sanic.test_mode = Sanic.test_mode, True
    assert quick_sanic.make_quick()
    assert quick_sanic.make_quick()
    yield
    Sanic.test_mode = before


def test_quick_sanic_leaves_another_release_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(quick_sanic, "version", lambda name: "21.12.3")
    assert not quick_sanic.make_quick()


def app_with(told: list[object]) -> Sanic:
    """An app whose signals have no handler, one or several of several kinds; each tells that it was called."""

    async def waited_for(name, **context):
        told.append((name, context))
        return context.get("answer")

    def called(**context):
        told.append(("called", context))

    app = Sanic("signals")
    for event, handler in {
        "http.lifecycle.request": partial(waited_for, "request"),
        "http.lifecycle.response": called,
        "http.lifecycle.send": partial(waited_for, "send"),
        "http.routing.after": partial(waited_for, "after"),
        "ours.alone.here": partial(waited_for, "ours"),
    }.items():
        app.add_signal(handler, event)
    app.add_signal(called, "http.lifecycle.send")
    for name in ("first", "second"):
        app.add_signal(partial(waited_for, name), "http.lifecycle.read_head")
    app.add_signal(partial(waited_for, "never"), "http.middleware.before", {"attach_to": "response"})
    app.add_signal(partial(waited_for, "loose"), "http.middleware.after", {"attach_to": "response"}, exclusive=False)
    return app


@pytest.mark.parametrize(
    ("event", "times"),
    [
        ("http.lifecycle.request", 1),
        ("http.lifecycle.response", 1),
        ("http.lifecycle.send", 2),
        ("http.lifecycle.read_head", 2),
        ("http.lifecycle.handle", 0),
        ("http.routing.after", 1),
        ("http.routing.before", 0),
        ("http.middleware.before", 0),
        ("http.middleware.after", 1),
        ("ours.alone.here", 1),
    ],
)
@pytest.mark.parametrize("context", [None, {"request": 1}, {"request": 1, "answer": "early"}])
def test_quick_sanic_calls_whom_sanic_calls(event, times, context):
    told: list[object] = []

    async def dispatched() -> None:
        app = app_with(told)
        app.signal_router.finalize()
        quick = [await app.dispatch(event, context=context, inline=True) for _ in range(2)]
        half = len(told)
        assert quick == [await SANICS(app.signal_router, event, context=context, inline=True) for _ in range(2)]
        assert told[:half] == told[half:]
        assert half == (2 * times if quick == [None, None] else 2)  # an answer keeps the others from being called

    asyncio.run(dispatched())


def test_quick_sanic_minds_conditions():
    told: list[object] = []

    async def dispatched() -> None:
        app = app_with(told)
        app.signal_router.finalize()
        for kind in ("request", "response"):
            await app.dispatch("http.middleware.before", condition={"attach_to": kind}, inline=True)
        with pytest.raises(NotFound):
            await app.dispatch("http.unknown.kind", inline=True)

    asyncio.run(dispatched())
    assert told == [("never", {})]
