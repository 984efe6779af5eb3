"""What is written when something is logged, in both formats."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys

import pytest
import structlog

from faq import requests
from faq.errors import FaqError
from faq.logs import OF_SANIC, Output, configure
from faq.metrics import LOG_RECORDS

MARKER = "unmistakable"


class Lines(list[str]):
    """The lines that were written, read when they are asked for."""

    def __init__(self, stream: io.StringIO) -> None:
        super().__init__()
        self.stream = stream

    def read(self) -> list[str]:
        return self.stream.getvalue().splitlines()

    def objects(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.read()]


@pytest.fixture(params=["text", "json"])
def lines(request: pytest.FixtureRequest, logging_restored: None, monkeypatch: pytest.MonkeyPatch) -> Lines:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    configure({"FAQ_LOG_FORMAT": request.param})
    return Lines(stream)


@pytest.fixture
def as_json(logging_restored: None, monkeypatch: pytest.MonkeyPatch) -> Lines:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    configure({"FAQ_LOG_FORMAT": "json"})
    return Lines(stream)


def fail(error: Exception) -> None:
    try:
        try:
            raise error
        except Exception as inner:
            raise FaqError("[ABC01] Mend it.") from inner
    except FaqError:
        logging.getLogger("somewhere").exception("[ABC02] Something failed.")


@pytest.mark.parametrize("error", [KeyError(MARKER), ValueError(f"no number: {MARKER}"), RuntimeError(MARKER)])
def test_logs_say_of_an_exception_where_and_what_kind_but_not_what_it_met(lines: Lines, error: Exception) -> None:
    fail(error)
    text = "\n".join(lines.read())
    assert MARKER not in text
    assert type(error).__name__ in text
    assert "test_logs.py" in text
    assert "[ABC01] Mend it." in text


def test_logs_say_what_the_network_says(lines: Lines) -> None:
    fail(ConnectionRefusedError(111, "Connection refused"))
    assert "Connection refused" in "\n".join(lines.read())


def test_logs_say_of_an_exception_that_is_logged_as_a_message_its_kind(lines: Lines) -> None:
    logger = logging.getLogger("sanic.error")
    logger.handlers.insert(0, logging.StreamHandler(io.StringIO()))
    logger.error(ValueError(MARKER))
    text = "\n".join(lines.read())
    assert "ValueError" in text
    assert MARKER not in text


def test_logs_leave_out_what_rasa_says_of_readers(lines: Lines) -> None:
    structlog.get_logger("rasa").warning("message.parsing.failed", user_text=MARKER, rasa_event={"text": MARKER}, n=3)
    (line,) = lines.read()
    assert "message.parsing.failed" in line
    assert MARKER not in line


def test_logs_in_json_are_an_object_a_line(as_json: Lines) -> None:
    request_id = requests.begin(None)
    logging.getLogger("somewhere").warning("[ABC03] Two\nlines of %s.", "text")
    structlog.get_logger("rasa").error("an.event", n=3)
    logging.getLogger("sanic.root").error("plain")
    fail(KeyError(MARKER))
    ours, rasas, sanics, failed = as_json.objects()
    assert ours.pop("time")
    assert ours == {
        "message": "Two\nlines of text.",
        "code": "ABC03",
        "level": "warning",
        "logger": "somewhere",
        "request_id": request_id,
    }
    assert (rasas["message"], rasas["n"], rasas["request_id"]) == ("an.event", 3, request_id)
    assert (sanics["message"], sanics["level"]) == ("plain", "error")
    assert str(failed["exception"]).endswith("FaqError: [ABC01] Mend it.")


def test_logs_in_json_have_the_requests_and_nothing_of_what_rasa_says_while_debugging(as_json: Lines) -> None:
    logging.getLogger("rasa").setLevel(logging.DEBUG)
    logging.getLogger("rasa").debug("Received %s", MARKER)
    requests.answered("GET", "/chat/demo", 200, 0.0)
    (answered,) = as_json.objects()
    assert {key: answered[key] for key in ("method", "route", "status")} == {
        "method": "GET",
        "route": "/chat/demo",
        "status": 200,
    }


def test_logs_count_what_they_write(lines: Lines) -> None:
    def count(code: str) -> float:
        return float(LOG_RECORDS.labels("error", code)._value.get())

    before = count("ABC04"), count("none")
    logging.getLogger("somewhere").error("[ABC04] Wrong.")
    logging.getLogger("somewhere").error("Wrong.")
    logging.getLogger("somewhere").info("[ABC04] Right.")
    assert (count("ABC04"), count("none")) == (before[0] + 1, before[1] + 1)


def test_logs_have_one_output_however_often_they_are_configured(
    as_json: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", as_json.stream)
    configure({"FAQ_LOG_FORMAT": "json"})
    logging.getLogger("somewhere").error("once")
    assert len(as_json.read()) == 1
    for name in (None, *OF_SANIC):
        assert len([each for each in logging.getLogger(name).handlers if isinstance(each, Output)]) == 1


def test_logs_stay_as_they_are_without_a_format(logging_restored: None) -> None:
    before = list(logging.getLogger().handlers)
    configure({"FAQ_LOG_FORMAT": ""})
    assert logging.getLogger().handlers == before


def test_logs_in_json_hold_what_ends_the_server() -> None:
    code = "import os, warnings, faq.logs; faq.logs.configure(os.environ); warnings.warn('old'); {}['x']"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env={"FAQ_LOG_FORMAT": "json"}, check=False)
    assert done.returncode == 1
    warned, ended = (json.loads(line) for line in done.stderr.splitlines())
    assert "old" in warned["message"]
    assert (ended["level"], ended["message"]) == ("critical", "The server ends.")
    assert "KeyError" in ended["exception"]
