"""The dashboard, the alerts and docs/monitoring.md name metrics that there are, and Prometheus understands them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Counter, Gauge, Histogram

import actions.watching
import channels.metrics
import faq.metrics
from channels.problems import SENTENCES
from maintain.settings import ROOT

ALERTS = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "faq.json").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
OF_PROMETHEUS = {"job", "instance", "le", "alertname"}
"""Labels that Prometheus adds, and that of a histogram's buckets."""


class Metric:
    """One of our metrics: its family as Prometheus sees it, and its labels, which an empty family does not show."""

    def __init__(self, family: Any, labels: tuple[str, ...], server: str) -> None:
        self.family, self.labels, self.server = family, labels, server

    @property
    def names(self) -> list[str]:
        """The names of its series."""
        return [self.family.name + suffix for suffix in SUFFIXES[self.family.type]]

    @property
    def row(self) -> str:
        """Its row in the table."""
        name = self.family.name + ("_total" if self.family.type == "counter" else "")
        labels = ", ".join(f"`{label}`" for label in self.labels) or "–"
        return f"| `{name}` | {self.family.type} | {labels} | {self.family.documentation} | {self.server} |"


def metrics() -> Iterator[Metric]:
    for module, server in ((channels.metrics, "Rasa"), (actions.watching, "actions"), (faq.metrics, "both")):
        for value in vars(module).values():
            if isinstance(value, (Counter, Gauge, Histogram)):
                (family,) = value.describe()
                yield Metric(family, value._labelnames, server)
    for family in channels.metrics.StateMetrics(None, {}).describe():  # type: ignore[arg-type]
        yield Metric(family, tuple(family._labelnames), "Rasa")


SERIES = {name: metric for metric in metrics() for name in metric.names}


def expressions() -> Iterator[Any]:
    for group in ALERTS["groups"]:
        yield from (pytest.param(rule["expr"], id=rule["alert"]) for rule in group["rules"])
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            yield pytest.param(target["expr"], id=f"{panel['title']} {target['refId']}")
    yield from (pytest.param(each["expr"], id=each["name"]) for each in DASHBOARD["annotations"]["list"])


@pytest.mark.parametrize("expression", expressions())
def test_monitoring_asks_for_series_and_labels_that_there_are(expression: str) -> None:
    named = re.findall(r"\b(faq_\w+)(?:\{([^}]*)\})?", expression)
    assert named or re.search(r"\bup\b|process_", expression)
    for name, selectors in named:
        assert name in SERIES, name
        chosen = dict(re.findall(r'(\w+)=~?"([^"]*)"', selectors))
        assert set(chosen) <= {*SERIES[name].labels, *OF_PROMETHEUS}
        if "code" in chosen and name == "faq_errors_total":
            assert set(chosen["code"].split("|")) <= set(SENTENCES)
        if "type" in chosen:
            assert set(chosen["type"].split("|")) <= set(channels.metrics.TYPES)
    for labels in re.findall(r"\b(?:by|on) \(([^)]*)\)", expression):
        known = {label for name, _ in named for label in SERIES[name].labels} | OF_PROMETHEUS
        assert {label.strip() for label in labels.split(",")} <= known


def test_monitoring_page_has_the_table_of_metrics() -> None:
    head = ["| metric | type | labels | what it is | from |", "|---|---|---|---|---|"]
    table = "\n".join([*head, *sorted(metric.row for metric in metrics())])
    assert table in PAGE, f"docs/monitoring.md, Metrics: put this table there.\n\n{table}"


def test_monitoring_names_and_labels_follow_the_conventions() -> None:
    """https://prometheus.io/docs/practices/naming/: one prefix, base units, and no label that has a value a reader."""
    for metric in metrics():
        assert re.fullmatch(r"faq_[a-z_]+", metric.family.name)
        assert not re.search(r"_(ms|milliseconds|minutes|percent)\b", metric.family.name)
        if metric.family.type == "histogram":
            assert metric.family.name.endswith("_duration_seconds")
        assert metric.family.documentation[0].isupper()
        assert set(metric.labels).isdisjoint({"text", "session", "conversation", "sender_id", "address", "path", "url"})


def test_monitoring_alerts_have_a_runbook_and_a_severity() -> None:
    for group in ALERTS["groups"]:
        for rule in group["rules"]:
            assert rule["labels"]["severity"] in ("page", "ticket")
            assert rule["annotations"]["runbook"] == f"docs/monitoring.md#{rule['alert'].lower()}"
            severity = rule["labels"]["severity"].capitalize()
            assert f"### {rule['alert']}\n\n{severity}: " in PAGE
            assert rule["for"]
    named = {rule["alert"] for group in ALERTS["groups"] for rule in group["rules"]}
    assert set(re.findall(r"^### (\w+)$", PAGE, re.MULTILINE)) == named


def test_monitoring_dashboard_can_be_imported() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        if panel["type"] != "row":
            assert panel["description"].endswith(".")
            assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    (variable,) = DASHBOARD["templating"]["list"]
    assert (variable["name"], variable["type"]) == ("datasource", "datasource")


def test_monitoring_dashboard_shows_every_metric() -> None:
    """All but what has a better sight of the same."""
    shown = " ".join(target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ()))
    unseen = {metric.family.name for metric in metrics() if metric.family.name not in shown}
    assert unseen == {"faq_model_update", "faq_retention_last_success_timestamp_seconds"}, "these have an alert each"


@pytest.fixture(scope="module")
def promtool() -> str:
    program = shutil.which("promtool")
    if program is None:
        assert not os.environ.get("CI"), "CI installs prometheus"
        pytest.skip("no promtool on this machine: apt-get install --no-install-recommends prometheus")
    return program


def run(*command: str | Path) -> None:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_monitoring_prometheus_takes_the_configuration(promtool: str) -> None:
    run(promtool, "check", "config", ROOT / "deploy" / "prometheus" / "prometheus.yml")


def test_monitoring_alerts_fire_when_they_should(promtool: str, tmp_path: Path) -> None:
    text = (ROOT / "tests" / "deploy" / "alerts.yml").read_text(encoding="utf-8")
    tested = set(re.findall(r"alertname: (\w+)\n\s+exp_alerts", text))
    assert tested == {rule["alert"] for group in ALERTS["groups"] for rule in group["rules"]}
    (tmp_path / "tests.yml").write_text(text.replace("RULES", str(ROOT / "deploy" / "prometheus" / "alerts.yml")))
    run(promtool, "test", "rules", tmp_path / "tests.yml")


def test_monitoring_prometheus_understands_the_dashboard(promtool: str, tmp_path: Path) -> None:
    asked = [each.values[0].replace("$__rate_interval", "5m") for each in expressions()]
    rules = [{"record": f"panel:{number}", "expr": each} for number, each in enumerate(asked)]
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    run(promtool, "check", "rules", tmp_path / "rules.yml")
