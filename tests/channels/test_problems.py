from __future__ import annotations

import json

import pytest
from sanic.exceptions import InvalidUsage, PayloadTooLarge, ServiceUnavailable

from channels.problems import SENTENCES, Problem, problem_of, render


@pytest.mark.parametrize("code", SENTENCES)
def test_problem_has_all_that_rfc_9457_asks_for(code):
    response = render(Problem(code, retry_after=3, limit=7), "0" * 32)
    body = json.loads(response.body)
    assert response.content_type == "application/problem+json"
    assert response.headers["Retry-After"] == "3"
    assert body["status"] == response.status
    assert body["type"]
    assert body["title"]
    assert body["limit"] == 7
    assert body["request_id"] == "0" * 32
    assert body["detail"].endswith(".")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (PayloadTooLarge("inner words"), 413),
        (InvalidUsage("inner words"), 400),
        (ServiceUnavailable("inner words"), 503),
        (RuntimeError("inner words"), 500),
    ],
)
def test_problem_of_keeps_inner_words_inside(error, status):
    response = render(problem_of(error, retry_after=5), "0" * 32)
    assert response.status == status
    assert b"inner words" not in response.body
    assert ("Retry-After" in response.headers) == (status == 503)


def test_problem_of_logs_a_bug(caplog):
    problem_of(RuntimeError("inner words"), retry_after=5)
    assert "CHT11" in caplog.text
    assert "inner words" in caplog.text
