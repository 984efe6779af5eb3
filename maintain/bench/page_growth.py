"""What the benchmark's page says about growth and about the floor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from maintain.bench.markdown import number, picture, shown, table
from maintain.bench.results import Spread
from maintain.bench.systems import OURS, SYSTEMS

Figures = Mapping[str, Any]


def growth(figures: Figures) -> str:
    """With more phrasings, more sections and longer conversations."""
    lines = [*_examples(figures), *_sections(figures), *_long(figures)]
    return "\n".join(["## How it grows", "", *lines]) if lines else ""


def _examples(figures: Figures) -> list[str]:
    sizes = {**figures.get("examples", {}), **figures.get("large", {})}
    rows = []
    for size, each in _numbered(sizes):
        if "failed" in each:
            rows.append([f"{size:,}", f"fails: {each['failed']}", *[""] * 5])
        else:
            cells = (number(each[key]) for key in ("seconds", "processor", "peak", "megabytes", "memory", "p50"))
            rows.append([f"{size:,}", *cells])
    if not rows:
        return []
    head = [
        "phrasings",
        "training, s",
        "processor s",
        "most memory, MB",
        "model, MB",
        "memory of the NLU, MB",
        "NLU p50, ms",
    ]
    lines = ["**Phrasings.**", "", *picture("examples", "Training time by phrasings"), *table(head, rows), ""]
    stock = figures.get("stock_examples", {})
    if stock:
        cells = [
            f"{size:,}: {number(each['seconds'])} s, {number(each['processor'])} processor s"
            for size, each in _numbered(stock)
        ]
        epochs = next(_numbered(stock))[1]["epochs"]
        lines += [f"The stock assistant's training, reckoned from 2 and {epochs} epochs: {'; '.join(cells)}.", ""]
    return lines


def _sections(figures: Figures) -> list[str]:
    rows = [
        [size, *(number(each[key]) for key in ("seconds", "memory", "p50", "p95"))]
        for size, each in _numbered(figures.get("sections", {}))
    ]
    head = ["sections", "training, s", "memory, MB", "whole reply p50, ms", "p95, ms"]
    told = "**Sections.** Wanted: p50 within 20 % from 3 to 300."
    return [told, "", *picture("sections", "Reply time by sections"), *table(head, rows), ""] if rows else []


def _long(figures: Figures) -> list[str]:
    part = figures.get("turns")
    if not part:
        return []
    ends = sorted(map(int, part[OURS][0]))
    kept = [end for end in ends if end in (ends[0], ends[-1]) or end % 100 == 0]
    rows = [[end, *(shown([each[str(end)] for each in part[system]]) for system in SYSTEMS)] for end in kept]
    head = ["turns", "this assistant, ms", "stock assistant, ms"]
    told = "**Turns of one conversation.** Median of the twenty replies up to that turn. Wanted: within 20 % up to 500."
    return [told, "", *picture("turns", "Reply time by turns of one conversation"), *table(head, rows), ""]


def floor(figures: Figures) -> str:
    """What encoder, network and store must cost, and how far above it the assistant stands."""
    if not {"understanding", "latency"} <= figures.keys():
        return ""
    nlu, reply = figures["understanding"], figures["latency"]
    encoder, network, store = (
        each["p50"] for each in (nlu["floor"]["encoder"], reply["floor"]["network"], reply["floor"]["store"])
    )
    understood = Spread.of(each["p50"] for each in nlu[OURS]["times"]).middle
    whole = Spread.of(each["p50"] for each in reply[OURS]).middle
    least = encoder + network + store
    rows = [
        ["NLU", "the sentence encoder's graph, once", encoder, understood],
        ["server and network", "an answer of nothing from the same server, on one connection", network, ""],
        ["store", "the rows of a turn in an SQLite file, safe on the disk", store, ""],
        ["whole reply", "the three together", least, whole],
    ]
    shown_rows = [
        [*row[:2], number(row[2]), number(row[3]) if row[3] else "", f"{row[3] / row[2]:.1f}" if row[3] else ""]
        for row in rows
    ]
    head = ["", "what it must cost", "floor p50, ms", "now p50, ms", "times the floor"]
    return "\n".join(["## The floor", "", *table(head, shown_rows), ""])


def stages(figures: Figures) -> str:
    """Where the time of a message goes, and what stands below it."""
    part = figures.get("stages")
    if not part:
        return ""
    least = _least(figures)
    rows = []
    for name, now in part["stages"].items():
        floored = [number(least[name]), f"{now / least[name]:.1f}"] if name in least else ["", ""]
        rows.append([name, number(now), *floored])
    told = (
        f"`make profile`: {part['messages']} messages of `tests/evaluation`, median {number(part['p50_ms'])} ms. "
        "[Decision 15](decisions/0015-reply-path.md) says what was taken out."
    )
    head = ["stage", "ms a message", "floor, ms", "times the floor"]
    return "\n".join(["## A message from socket to socket", "", told, "", *table(head, rows), ""])


def _least(figures: Figures) -> dict[str, float]:
    """The floor of those stages that have one, p50 in milliseconds."""
    parts = {
        "NLU: sentence_featurizer": ("understanding", "encoder"),
        "HTTP: Sanic": ("latency", "network"),
        "store: read, check, write, commit": ("latency", "store"),
    }
    return {stage: figures[part]["floor"][name]["p50"] for stage, (part, name) in parts.items() if part in figures}


def _numbered(sizes: Figures) -> Iterator[tuple[int, Figures]]:
    yield from sorted((int(size), each) for size, each in sizes.items() if size.isdigit())
