"""The page of the benchmark, made of its figures and of nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from maintain.bench import plots
from maintain.bench.markdown import picture, plural, shown, table
from maintain.bench.page_growth import Figures, floor, growth, stages
from maintain.bench.results import Spread, load
from maintain.bench.systems import OURS, STOCK, SYSTEMS
from maintain.bench.training import EPOCHS, SHORT
from maintain.scoring import Rate

HEAD = """# Benchmarks

Written by `make bench` from [benchmarks.json](benchmarks.json); change neither by hand. How it is measured stands at
the end.
"""

METHOD = Path(__file__).with_name("method.md")
"""How it is measured, as it stands at the page's end."""


def write(path: Path) -> None:
    """Writes the page and its pictures beside its figures.

    Args:
        path: of the JSON file.
    """
    figures = load(path)
    (path.parent / "images").mkdir(parents=True, exist_ok=True)
    for name, svg in plots.pictures(figures).items():
        (path.parent / "images" / name).write_text(svg, encoding="utf-8")
    path.with_suffix(".md").write_text(page(figures), encoding="utf-8")


def page(figures: Figures) -> str:
    """The page.

    Args:
        figures: of ``results.load``; parts may be missing.
    """
    sections = (_comparison, _accuracy, _throughput, growth, floor, stages)
    parts = [HEAD, _about(figures), *(text for section in sections if (text := section(figures)))]
    return "\n".join([*parts, METHOD.read_text(encoding="utf-8")])


def _about(figures: Figures) -> str:
    machine = figures.get("machine", {})
    where = f"{machine.get('processor')}, {machine.get('cores')} cores, {machine.get('gb')} GB"
    rows = [[name, part["measured"], part["load"]] for name, part in figures.items() if name != "machine"]
    lines = [f"Machine: {where}. The load is the machine's over the minute before.", ""]
    return "\n".join([*lines, *table(["part", "measured (UTC)", "load"], rows), ""])


def _comparison(figures: Figures) -> str:
    rows = [row for make in (_training, _start, _times, _rates) for row in make(figures)]
    if not rows:
        return ""
    head = ["", "this assistant", "stock assistant", "ratio", "wanted"]
    notes = _training_note(figures)
    return "\n".join(["## Beside Rasa's stock assistant", "", *table(head, rows), "", *notes])


Row = list[Any]


def _training(figures: Figures) -> Iterator[Row]:
    if part := figures.get("training"):
        ours, stock = part[OURS], part[STOCK]
        for key, name, wanted in (
            ("seconds", "training, s", "at least 5 times faster"),
            ("processor", "training, processor s", ""),
        ):
            yield _row(name, [each[key] for each in ours["cold"]], [stock[key]], wanted)
        yield ["training again, s", shown([each["seconds"] for each in ours["warm"]]), "", "", ""]
        yield _row("model, MB", [ours["cold"][0]["megabytes"]], [stock["megabytes"]], "")


def _training_note(figures: Figures) -> list[str]:
    stock = figures.get("training", {}).get(STOCK)
    if not stock:
        return []
    lines = [f"The stock assistant was trained on {stock['measured']} (UTC) under a load of {stock['load']}."]
    if stock["epochs"] != EPOCHS:
        lines += [
            f"Its model had {stock['epochs']} of {EPOCHS} epochs: the time of training is reckoned from trainings of "
            f"{SHORT} and {stock['epochs']}, and the accuracy is that after {stock['epochs']}. What it takes to answer "
            "does not depend on them."
        ]
    return [*lines, ""]


def _start(figures: Figures) -> Iterator[Row]:
    if part := figures.get("start"):
        for key, name, wanted in (
            ("seconds", "start to first answer, s", "at least 3 times faster"),
            ("fresh", "memory after the first answer, MB", ""),
            ("used", "memory after a round of questions, MB", "at most 50 %"),
        ):
            yield _row(name, part[OURS][key], part[STOCK][key], wanted)


def _times(figures: Figures) -> Iterator[Row]:
    for part, key, name in (("understanding", "times", "NLU"), ("latency", None, "whole reply")):
        if found := figures.get(part):
            ours, stock = (found[system][key] if key else found[system] for system in SYSTEMS)
            for share in ("p50", "p95", "p99"):
                wanted = "at least 5 times faster" if (part, share) == ("latency", "p50") else ""
                values = ([each[share] for each in rounds] for rounds in (ours, stock))
                yield _row(f"{name}, {share}, ms", *values, wanted)
    if found := figures.get("latency"):
        values = ([each["processor"] for each in found[system]] for system in SYSTEMS)
        yield _row("whole reply, processor ms", *values, "")


def _rates(figures: Figures) -> Iterator[Row]:
    if part := figures.get("throughput"):
        for readers in sorted(part[OURS], key=int):
            wanted = "at least 8 times more" if readers == "32" else ""
            values = ([each["rate"] for each in part[system][readers]] for system in SYSTEMS)
            yield _row(f"replies a second, {plural(readers, 'reader')}", *values, wanted)


def _row(name: str, ours: Sequence[float], stock: Sequence[float], wanted: str) -> Row:
    ratio = Spread.of(stock).middle / Spread.of(ours).middle
    if "more" in wanted or "a second" in name:
        ratio = 1 / ratio
    said = f"{100 / ratio:.0f} %" if "%" in wanted else f"{ratio:.1f}"
    return [name, shown(ours), shown(stock), said, wanted]


def _accuracy(figures: Figures) -> str:
    part = figures.get("understanding")
    if not part:
        return ""
    both = [part[system]["accuracy"] for system in SYSTEMS]
    rows: list[Row] = []
    for name in both[0]["rates"]:
        if name.startswith(("doctor", "emergency", "false alarms")):
            continue  # the stock assistant knows nothing of urgency
        rates = [Rate(name, *each["rates"][name]) for each in both]
        rows.append([name, *(f"{each.value:.1%} ({each.hits}/{each.total})" for each in rates)])
    rows.append(["in scope against out of scope, AUROC", *(f"{each['auroc']:.3f}" for each in both)])
    told = (
        "NLU alone, all labelled messages of `tests/evaluation`. The stock assistant refuses what is out_of_scope to "
        "its classifier, and what FallbackClassifier turns down as Rasa sets it (under 0.3, or within 0.1 of the next)."
    )
    if part["epochs"]:
        told += f" Its model had {part['epochs']} of {EPOCHS} epochs."
    return "\n".join(
        ["## Accuracy and refusal", "", told, "", *table(["", "this assistant", "stock assistant"], rows), ""]
    )


def _throughput(figures: Figures) -> str:
    part = figures.get("throughput")
    if not part:
        return ""
    rows = []
    for readers in sorted(part[OURS], key=int):
        for system, name in ((OURS, "this assistant"), (STOCK, "stock assistant")):
            rounds = part[system][readers]
            cells = (shown([each[key] for each in rounds]) for key in ("rate", "p50", "p95", "processor", "client"))
            rows.append([readers, name, *cells])
    head = ["readers", "", "replies a second", "p50, ms", "p95, ms", "processor ms a reply", "of the readers"]
    return "\n".join(
        ["## Replies a second", "", *picture("throughput", "Replies a second by readers"), *table(head, rows), ""]
    )
