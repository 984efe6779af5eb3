"""One Chromium and its readers. The widget is used as readers use it; whatever they do, no page may break a promise."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.reader import HERE, Reader
from tests.browser.servers import Mortal, Site, publishing
from tests.chromium import launched

START_WITHIN = 900
"""Seconds that the first test may take: it waits for a training and a start, perhaps on a busy machine."""
POLICY = "default-src 'self'; base-uri 'none'; object-src 'none'"

NewReader = Callable[..., Reader]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder talks to real processes."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.server)
            if not item.get_closest_marker("timeout"):
                item.add_marker(pytest.mark.timeout(START_WITHIN))


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium; never another one. Ends with this folder: its event loop is in the way of others'."""
    with launched() as browser:
        yield browser


@pytest.fixture
def new_reader(chromium: Browser, assistant: Any) -> Iterator[NewReader]:
    """Makes readers, each with a browser profile of their own; at the end their pages are checked.

    The options are those of ``Browser.new_context``, and ``server``.
    """
    readers: list[Reader] = []

    def make(server: str = assistant.url, **options: Any) -> Reader:
        context = chromium.new_context(**{"viewport": {"width": 1200, "height": 800}, **options})
        context.add_init_script(path=HERE / "watch.js")
        readers.append(Reader(context.new_page(), server))
        return readers[-1]

    yield make
    try:
        for one in readers:
            one.check_page()
    finally:
        for one in readers:
            one.page.context.close()


@pytest.fixture
def reader(new_reader: NewReader) -> Reader:
    """Somebody at a desk."""
    return new_reader()


@pytest.fixture(scope="package")
def site() -> Iterator[Site]:
    """A publisher's site on another origin."""
    with publishing() as site:
        yield site


@pytest.fixture(scope="package")
def processes(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Iterator[Mortal]:
    """The processes behind `mortal`."""
    subprocess.run([sys.executable, "-m", "maintain", "train", "--if-needed"], check=True)
    server = Mortal(tmp_path_factory.mktemp("mortal"), "GB", [site.url])
    try:
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="package", autouse=True)
def early(request: pytest.FixtureRequest, assistant: Any) -> None:
    """Starts those processes, where a test wants them, while the first tests still do without."""
    if any("mortal" in getattr(item, "fixturenames", ()) for item in request.session.items):
        request.getfixturevalue("processes").start()


@pytest.fixture
def mortal(processes: Mortal) -> Mortal:
    """An assistant of the United Kingdom that the publisher's site may show, alive; a test may kill it."""
    processes.start()
    processes.wait()
    return processes


def serve(page: Page, address: str, body: str, kind: str = "text/html", policy: str = POLICY) -> str:
    """Lets a page of the test's own stand at an address, under a strict policy; returns the address."""

    def answer(route: Route) -> None:
        headers = {"Content-Security-Policy": policy, "Content-Type": f"{kind}; charset=utf-8"}
        route.fulfill(status=200, body=body, headers=headers)

    page.route(address, answer)
    return address
