"""A maintainer's round in a real browser: talk, find what was misunderstood, label by keys, train, promote, go back."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page

from maintain.assistant import free_ports
from tests.conversations.reader import Reader, sections, types
from tests.patience import PATIENCE, wait_until
from tests.processes import Started
from tests.second_project import maintain

Talk = Mapping[str, str]
"""What readers write, each in a conversation of their own, and the topic that they ask about."""


@dataclass(frozen=True)
class Labelled:
    """What the maintainer did: the texts that became phrasings, and how many keys that took."""

    texts: tuple[str, ...]
    keys: int


def understood(assistant: Started, root: Path, talk: Talk) -> dict[str, bool]:
    """Has each text said in a new conversation, and tells whether the article's right section was quoted."""
    reader = Reader(assistant.url, root / "data" / "documents")
    found = {}
    for text, topic in talk.items():
        reader.start()
        reply = reader.say(text)
        found[text] = "answer" in types(reply) and sections(reply) == [topic]
    reader.http.close()
    return found


def under_version_control(root: Path) -> Path:
    """Commits the data of a project, so that the page can show what differs from the last commit."""
    who = ["-c", "user.name=Editor", "-c", "user.email=editor@example.org"]
    for words in (["init", "--quiet"], ["add", "data"], [*who, "commit", "--quiet", "--message", "Begin"]):
        subprocess.run(["git", *words], cwd=root, check=True)  # noqa: S607
    return root


@contextmanager
def reviewing(root: Path, assistant: Started, chromium: Browser) -> Iterator[Page]:
    """The review page of a project, started as maintainers start it, with the link of the terminal opened."""
    (port,) = free_ports(1)
    environment = {"FAQ_DATABASE": str(assistant.database), "PATH": "/usr/bin:/bin", "HOME": str(root)}
    command = [sys.executable, "-m", "maintain", "review", "--json", "--port", str(port)]
    with subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        page = chromium.new_page(viewport={"width": 1300, "height": 900})
        page.set_default_timeout(60_000)
        try:
            link = json.loads(process.stdout.readline())["link"]
            _open(page, link)
            yield page
        finally:
            page.close()
            process.terminate()


def label(page: Page, wrong: Talk) -> Labelled:
    """Goes through the queue from its top with keys alone, and labels what was misunderstood.

    Args:
        page: of ``reviewing``.
        wrong: the texts to label, and their topics.
    """
    keys = {
        each.get_attribute("data-intent"): each.get_attribute("data-key")
        for each in page.query_selector_all("button[data-intent]")
    }
    texts: list[str] = []
    pressed = 0
    while (shown := page.query_selector(".detail h2")) and shown.inner_text() != "Nothing is waiting.":
        text = shown.inner_text()
        if text in wrong:
            pressed += _press(page, str(keys[wrong[text]]))
            if page.query_selector("#confirm"):
                pressed += _press(page, "y")
            texts.append(text)
        elif _is_last(page):
            break
        else:
            pressed += _press(page, "j")
    return Labelled(tuple(texts), pressed)


def train_and_promote(root: Path) -> str:
    """Trains, compares and promotes from the command line; returns the model's name."""
    trained = maintain(root, "train", "--no-promote", "--json")
    assert trained.returncode == 0, trained.stderr
    name = str(json.loads(trained.stdout)["trained"])
    compared = maintain(root, "compare", "--json")
    assert compared.returncode == 0, compared.stderr
    assert json.loads(compared.stdout)["names"][1] == name
    promoted = maintain(root, "promote", name, "--json")
    assert promoted.returncode == 0, promoted.stderr
    return name


def wait_until_in_use(assistant: Started, model: str) -> None:
    """Waits until the running server answers with a model; tests/promotion measures that 15 seconds are enough."""
    wait_until(lambda: httpx.get(f"{assistant.url}/chat/health", timeout=30).json()["model"] == model)


def play(root: Path, assistant: Started, chromium: Browser, talk: Talk, least: int = 10) -> Labelled:
    """The whole round.

    Args:
        root: of a project with a current model, under version control.
        assistant: that runs in it.
        chromium: the browser.
        talk: what readers write.
        least: how many of them must be misunderstood at first.
    """
    before = understood(assistant, root, talk)
    wrong = {text: talk[text] for text, right in before.items() if not right}
    assert len(wrong) >= least, f"only {sorted(wrong)} are misunderstood: write harder ones"
    with reviewing(root, assistant, chromium) as page:
        labelled = label(page, wrong)
        assert len(labelled.texts) >= least, labelled
        page.goto(f"{page.url.partition('?')[0]}changes")
        assert _missing(page.inner_text(".diff"), labelled.texts) == []
    first = _current(root)
    wait_until_in_use(assistant, train_and_promote(root))
    ours = {text: talk[text] for text in labelled.texts}
    assert [text for text, right in understood(assistant, root, ours).items() if not right] == []
    assert json.loads(maintain(root, "rollback", "--json").stdout)["model"] == first
    wait_until_in_use(assistant, first)
    assert not any(understood(assistant, root, ours).values())
    return labelled


def _current(root: Path) -> str:
    return str(json.loads((root / "models" / "current.json").read_text())["model"])


def _missing(diff: str, texts: Sequence[str]) -> list[str]:
    return [text for text in texts if f"+    - {text}" not in diff]


def _open(page: Page, link: str) -> None:
    """The link is shown a moment before the page listens."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            page.goto(link)
            return
        except Exception as error:
            if "ERR_CONNECTION_REFUSED" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _press(page: Page, key: str) -> int:
    with page.expect_navigation():
        page.keyboard.press(key)
    return 1


def _is_last(page: Page) -> bool:
    return bool(page.evaluate("document.querySelector('.list li:last-child a').hasAttribute('aria-current')"))
