"""What Prometheus reads of the real server after real conversations; the actions run inside it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.conversations.reader import Reader

MARKER = "unmistakable"
TOLD = {
    "how long does it last?": ("answer", "duration"),
    "my muscle has been twitching for six weeks now": ("doctor", None),
    "my face droops on one side and i can't speak": ("emergency", None),
    f"who won the cup, {MARKER}?": ("no_answer", None),
}


def values(assistant: Any) -> dict[tuple[str, ...], float]:
    """Each series by its name and the values of its labels."""
    text = httpx.get(assistant.metrics, trust_env=False, timeout=20).text
    assert MARKER not in text
    return {
        (sample.name, *(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def parts(series: dict[tuple[str, ...], float], kind: str, intent: str | None) -> float:
    return sum(
        value
        for (name, *labels), value in series.items()
        if name == "faq_reply_parts_total" and labels[1] == kind and intent in (None, labels[0])
    )


@pytest.mark.parametrize(("text", "told"), TOLD.items())
def test_metrics_count_what_the_assistant_says(
    assistant: Any, reader: Reader, text: str, told: tuple[str, Any]
) -> None:
    before = values(assistant)
    reader.say(text)
    after = values(assistant)
    assert parts(after, *told) == parts(before, *told) + 1
    for name in ("faq_nlu_duration_seconds_count", "faq_reply_duration_seconds_count"):
        assert after[(name,)] == before[(name,)] + 1
    for key in (
        ("faq_action_call_duration_seconds_count", "action_reply"),
        ("faq_action_runs_total", "action_reply", "ok"),
    ):
        assert after[key] == before.get(key, 0) + 1


def test_metrics_say_which_model_is_in_use_and_that_all_is_there(assistant: Any) -> None:
    series = values(assistant)
    health = httpx.get(f"{assistant.url}/chat/health", trust_env=False).json()
    assert series[("faq_model_info", health["model"], health["model_id"])] == 1
    assert series[("faq_model_taken_timestamp_seconds",)] > 1.7e9
    assert series[("faq_model_update", "current")] == 1
    assert {series[("faq_dependency_up", name)] for name in ("agent", "tracker_store", "actions")} == {1}
    assert series[("process_resident_memory_bytes",)] > 1e8
