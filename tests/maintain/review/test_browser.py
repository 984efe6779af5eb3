"""The review page in a real browser: keys alone suffice, and it is accessible."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from maintain.assistant import free_ports
from maintain.review.app import make_app
from maintain.review.desk import Desk
from maintain.review.security import Door
from tests.chromium import launched
from tests.maintain.review.project import FILES, contents

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]


@dataclass
class Site:
    """A running page: where it is, and the browser's page, which is logged in."""

    url: str
    page: Page
    root: Path

    def press(self, *keys: str) -> None:
        """Presses keys of which the last one leads to another page."""
        for key in keys[:-1]:
            self.page.keyboard.press(key)
        with self.page.expect_navigation():
            self.page.keyboard.press(keys[-1])

    @property
    def shown(self) -> str:
        """The message that is shown in full."""
        return self.page.inner_text(".detail h2")


@pytest.fixture
def url(desk: Desk) -> Iterator[str]:
    (port,) = free_ports(1)
    links: list[str] = []
    app = make_app(desk, Door("review", links.append), {f"127.0.0.1:{port}"})
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", ws="none", loop="asyncio"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}/login?token={links[0]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def site(url: str, desk: Desk) -> Iterator[Site]:
    with launched() as browser:
        page = browser.new_page(bypass_csp=False)
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.goto(url)
        yield Site(url.partition("/login")[0], page, desk.root)
    assert faults == []


def test_browser_keys_find_label_and_undo(site: Site) -> None:
    site.press("j")
    site.press("j")
    assert site.shown == "can I boil an egg in it?"
    site.press("k")
    assert "scalded" in site.shown
    site.press("/", *"egg", "Enter")
    assert site.shown == "can I boil an egg in it?"
    site.press("d", "2", "1")
    assert "Added to two_questions.yml as heat + time" in site.page.inner_text(".flash")
    assert "can I boil an egg in it?" in contents(site.root)["two_questions.yml"]
    site.press("u")
    assert contents(site.root) == FILES


def test_browser_keys_edit_confirm_ignore_and_refuse(site: Site) -> None:
    site.page.goto(f"{site.url}/?kind=refused")
    site.page.keyboard.press("e")
    site.page.fill("#phrase", "how long does it take now")
    site.press("Escape", "1")
    assert "LBL10" in site.page.inner_text("[role=alert]")
    site.press("y")
    assert contents(site.root)["heat.yml"].endswith("    - how long does it take now\n")
    assert "Nothing is waiting." in site.page.inner_text("main")
    site.press("u")
    site.press("i")
    assert "Ignored." in site.page.inner_text(".flash")
    site.press("u")
    site.press("o")
    assert "Added to out_of_scope.yml" in site.page.inner_text(".flash")
    site.press("u")
    site.press("a")
    assert "Added to out_of_scope.yml" in site.page.inner_text(".flash")


def test_browser_keys_typed_into_a_field_do_nothing_else(site: Site) -> None:
    before = site.shown
    site.page.keyboard.press("e")
    site.page.keyboard.type("iaou123dy/?")
    assert "iaou123dy/?" in site.page.input_value("#phrase")
    assert site.shown == before
    assert contents(site.root) == FILES
    site.page.keyboard.press("Escape")
    site.page.keyboard.press("?")
    assert site.page.get_attribute("#help", "open") is not None


def test_browser_runs_nothing_that_readers_wrote(site: Site) -> None:
    site.page.on("dialog", lambda dialog: pytest.fail("a reader's script ran"))
    site.page.goto(f"{site.url}/?words=script")
    assert site.shown == "<script>alert(1)</script> is it <b>hot</b>"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_browser_pages_are_accessible(site: Site, scheme: str) -> None:
    context = site.page.context.browser.new_context(  # axe is a script, which the page's policy forbids
        bypass_csp=True, color_scheme=scheme, storage_state=site.page.context.storage_state()
    )
    page = context.new_page()
    for path in ("/", "/?words=no such", "/numbers", "/changes", "/nowhere"):
        page.set_viewport_size({"width": 1300, "height": 800})
        page.goto(f"{site.url}{path}")
        found = Axe().run(page).response["violations"]
        assert [(path, each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
        page.set_viewport_size({"width": 360, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
