"""The widget's built file: built from its source, small, described in docs/widget.md, and as alert as the server."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

import pytest

from channels.demo import emergency_rules
from faq.documents import load_documents
from faq.emergency import load_contacts
from nlu.matches import Vocabulary
from nlu.vocabulary import read_patterns

ROOT = Path(__file__).resolve().parents[2]
WIDGET = ROOT / "widget"
BUILT = WIDGET / "dist" / "faq-chat.js"
BUDGET = 15_000
"""Bytes that the built file may have, gzipped with -9: 15 KB, not KiB."""
MEND = "run `npm ci && npm run build` in widget/ and commit the outcome"
TOOLS = [name for name in ("node", "npm") if shutil.which(name) is None]
ON_CI = os.environ.get("CI") == "true"


def hash_of_sources() -> str:
    """The rule that stands at the head of widget/build.mjs."""
    names = ["build.mjs", "package-lock.json", *(f"src/{path.name}" for path in (WIDGET / "src").iterdir())]
    sha256 = hashlib.sha256()
    for name in sorted(names):
        sha256.update(name.encode() + b"\0" + (WIDGET / name).read_bytes() + b"\0")
    return sha256.hexdigest()[:16]


def node(*arguments: str, text: str | None = None) -> str:
    """What a program of Node says; on a machine without Node the test is skipped, on CI it fails."""
    if TOOLS and not ON_CI:
        pytest.skip(f"{' and '.join(TOOLS)} not installed: the hash of the sources is still checked")
    assert not TOOLS, f"CI needs {' and '.join(TOOLS)}"
    run = subprocess.run(arguments, cwd=WIDGET, input=text, capture_output=True, text=True, timeout=100)
    assert run.returncode == 0, run.stderr
    return run.stdout


def source(name: str) -> str:
    return (WIDGET / "src" / name).read_text(encoding="utf-8")


def listed(name: str) -> list[str]:
    """A list of widget/src/reference.js."""
    found = re.search(rf"export const {name} = (\[[^\]]*\])", source("reference.js"))
    assert found, name
    return json.loads(found[1])


def described(heading: str, page: str = "docs/widget.md") -> list[str]:
    """The names in the first column of a table."""
    text = (ROOT / page).read_text(encoding="utf-8")
    section = re.search(rf"^###? {heading}\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, heading
    return re.findall(r"^\| `([^`]+)`", section[1], re.MULTILINE)


def test_widget_is_built_from_its_sources():
    first_line = BUILT.read_text(encoding="utf-8").partition("\n")[0]
    assert f"// faq-chat {hash_of_sources()};" in first_line, f"widget/dist/faq-chat.js is stale: {MEND}"


def test_widget_build_gives_the_same_bytes(tmp_path):
    if not (WIDGET / "node_modules").is_dir():
        node("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
    node("node", "build.mjs", str(tmp_path / "faq-chat.js"))
    assert (tmp_path / "faq-chat.js").read_bytes() == BUILT.read_bytes(), MEND


def test_widget_types_are_right():
    if not (WIDGET / "node_modules").is_dir():
        node("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
    node("npm", "run", "--silent", "check")


def test_widget_is_small():
    assert len(gzip.compress(BUILT.read_bytes(), 9)) <= BUDGET


def test_widget_lock_names_no_registry():
    lock = (WIDGET / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert '"integrity"' in lock


@pytest.mark.parametrize("path", sorted((WIDGET / "src").glob("*.js")), ids=lambda path: path.name)
def test_widget_never_writes_html_nor_runs_text(path):
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|unsafeHTML|document\.write|\beval\(|new Function|DOMParser"
    assert re.findall(forbidden, path.read_text(encoding="utf-8")) == []


def test_widget_has_no_inline_style_or_cookie():
    text = "".join(path.read_text(encoding="utf-8") for path in (WIDGET / "src").glob("*.js"))
    assert re.findall(r"\sstyle=|\.style\b|document\.cookie|localStorage", text) == []


def test_widget_attributes_are_described():
    assert described("Attributes", "README.md") == listed("ATTRIBUTES")


def test_widget_events_are_described_and_sent():
    assert described("Events", "README.md") == listed("EVENTS")
    names = re.findall(r'"(open|close|answer|error)"', " ".join(re.findall(r"#tell\([^)]*\)", source("element.js"))))
    assert {f"faq-chat-{name}" for name in names} == set(listed("EVENTS"))


def test_widget_colours_are_described():
    used = re.findall(r"var\((--faq-chat-[a-z-]+)", source("styles.css") + source("highlight.js"))
    assert sorted(described("Colours and sizes")) == sorted(set(used))


def test_widget_strings_are_described_and_used():
    keys = re.findall(r"^  (\w+):", source("strings.js"), re.MULTILINE)
    assert described("Strings") == keys
    code = "".join(
        path.read_text(encoding="utf-8") for path in (WIDGET / "src").glob("*.js") if path.name != "strings.js"
    )
    assert [key for key in keys if not re.search(rf'\.{key}\b|"{key}"', code)] == []


def test_widget_gives_short_names_to_members_only():
    """What build.mjs shortens is nothing that strings files, the chat API, its rules or the session storage name."""
    ours = set(re.findall(r'"(\w+)"', source("../build.mjs").partition("const OURS = ")[2].partition("];")[0]))
    assert "sendDraft" in ours
    outside = re.findall(r"^  (\w+):", source("strings.js"), re.MULTILINE) + listed("ATTRIBUTES")
    outside += re.findall(r"\w+(?=:)", (ROOT / "channels" / "openapi.yml").read_text(encoding="utf-8"))
    outside += re.findall(r"\w+(?=\??:)", source("conversation.js").partition("*/")[0])
    outside += re.findall(r"\w+(?=:)", source("chat.js").partition("const blank")[2].partition("});")[0])
    outside += ["words", "replace", "facts", "rules", "call", "article", "sections", "patterns", "never", "values"]
    assert ours & set(outside) == set()


def sentences() -> list[tuple[str, bool]]:
    """Statements of the safety tests, and whether they are emergencies."""
    rows: list[tuple[str, bool]] = []
    for name in ("always", "red_flags", "look_alikes"):
        with (ROOT / "tests" / "safety" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows += [
                (row["text"], name == "always" or row.get("urgency") == "emergency") for row in csv.DictReader(file)
            ]
    return rows


PROGRAM = """
import { alarm, factsIn, wordsOf } from "./src/rules.js";
import { readFileSync } from "node:fs";
const [rules, texts] = JSON.parse(readFileSync(0, "utf8"));
const judge = (text) => {
  const words = wordsOf(text, rules.replace);
  const facts = factsIn(words, rules).map((fact) => fact.entry);
  return { words: words.map((word) => word.norm), facts, alarm: alarm(text, rules) ?? null };
};
console.log(JSON.stringify(texts.map(judge)));
"""


@lru_cache
def offline(*texts: str) -> list[dict]:
    """What the widget makes of texts when the server does not answer."""
    data = ROOT / "data"
    contacts, documents = load_contacts(data / "emergency.toml", "GB"), load_documents(data / "documents")
    rules = emergency_rules(data, ROOT / "domain.yml", contacts, documents[0])
    return json.loads(node("node", "--input-type=module", "-e", PROGRAM, text=json.dumps([rules, texts])))


def test_widget_knows_the_emergencies_without_the_server():
    rows = sentences()
    judged = offline(*(text for text, _ in rows))
    missed = [text for (text, urgent), one in zip(rows, judged, strict=True) if urgent and not one["alarm"]]
    assert missed == []
    calm = [one for (_, urgent), one in zip(rows, judged, strict=True) if not urgent]
    assert sum(one["alarm"] is not None for one in calm) <= 0.05 * len(calm), "it may alarm too often, not at random"


def test_widget_reads_the_pattern_language_as_the_server_does():
    """On words without a slip the two find the same; the widget alone forgives slips, and ignores what is denied."""
    vocabulary = Vocabulary({"emergencies": read_patterns(ROOT / "data" / "facts" / "emergencies.toml")})
    texts = [text for text, _ in sentences()]
    for text, one in zip(texts, offline(*texts), strict=True):
        words = one["words"]
        found = [match for _, match in vocabulary.find(words) if match.entry]
        stated = {
            match.entry for match in found if words[match.start - 1 : match.start] not in (["no"], ["not"], ["never"])
        }
        assert stated <= set(one["facts"]), text


def test_widget_alarm_speaks_the_servers_words():
    (one,) = offline("Help, my dad's face is drooping!")
    assert one["alarm"]["text"].startswith("You wrote “face is drooping”.")
    assert "call 999 now" in one["alarm"]["text"]
    assert one["alarm"]["custom"]["doctor"]["call"]["emergency"] == "999"


@pytest.mark.parametrize("text", ["no chest pain", "how long does it last?", "", "…", "constructor __proto__ toString"])
def test_widget_raises_no_alarm(text):
    assert offline(text)[0]["alarm"] is None
