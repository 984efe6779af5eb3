"""How the servers log: one event a line, as text for people or as JSON for programs, and never what a reader wrote."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping
from types import TracebackType

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from faq.errors import FaqError
from faq.metrics import LOG_RECORDS

VARIABLE = "FAQ_LOG_FORMAT"
"""The variable that says how; without it Rasa's own way stays."""

FORMATS = ("text", "json")

CODE = re.compile(r"\[([A-Z]{3}\d\d)\] ?")
"""In front of our messages: what to search for."""

OF_SANIC = ("sanic.root", "sanic.error", "sanic.access")
"""Loggers that hand nothing on to the root."""

TOLD = frozenset("aiohttp faq psycopg2 redis sanic sqlalchemy sqlite3".split())
"""Packages whose exceptions hold nothing that a reader wrote; SQLAlchemy's because ``channels.databases`` says so, and
sqlite3's never do."""

OF_READERS = frozenset(
    "text response_text user_text slot_values parse_data_text parse_data_entities prediction_events "
    "tracker_latest_message prefilled_slots message response slot_candidates rasa_event rasa_events tracker_states "
    "current_states old_states successes current_entity next_entity states entity token_text user_message "
    "json_message arg".split()
)
"""Under these names Rasa logs what a reader wrote (``rasa.utils.log_utils._anonymizer`` lists them)."""


def configure(environment: Mapping[str, str]) -> None:
    """Has this process log as the environment says, in place of what Rasa, rasa-sdk and Sanic have set up before.

    Args:
        environment: with ``FAQ_LOG_FORMAT``, which ``maintain`` has checked; nothing is done where it is empty.
    """
    form = environment.get(VARIABLE)
    if not form:
        return
    output = Output(form)
    _put(output, logging.getLogger())
    for name in OF_SANIC:
        logging.getLogger(name).propagate = False
        _put(output, logging.getLogger(name))
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    if form == "json":
        output.setLevel(logging.INFO)  # below it Rasa logs what readers write
        logging.getLogger("faq.requests").setLevel(logging.INFO)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, _leave_out_readers, *_SHARED, _TO_OUTPUT],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLogger("rasa").getEffectiveLevel()),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


class Output(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to the standard error, and counts warnings and errors by their code.

    Args:
        form: ``text`` or ``json``.
    """

    def __init__(self, form: str) -> None:
        super().__init__(sys.stderr)
        for_people = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), timestamp_key="time", exception_formatter=structlog.dev.plain_traceback
        )
        render: list[Processor] = [for_people]
        if form == "json":
            render = [_take_out_code, structlog.processors.EventRenamer("message"), structlog.processors.JSONRenderer()]
        self.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
                foreign_pre_chain=[
                    structlog.stdlib.ExtraAdder(),
                    _forget_other_outputs,
                    _hide_logged_exception,
                    *_SHARED,
                ],
            )
        )

    def format(self, record: logging.LogRecord) -> str:
        """Counts one record, and makes its line."""
        if record.levelno >= logging.WARNING:
            found = CODE.match(record.getMessage())
            LOG_RECORDS.labels(record.levelname.lower(), found[1] if found else "none").inc()
        return super().format(record)


def told(error: BaseException) -> str:
    """An exception in one line; where its message may hold what a reader wrote, with its type alone.

    Of a message the first line is enough: PostgreSQL's second one shows the row that it does not take.

    Args:
        error: any exception: ``KeyError`` and others name the value that they met.
    """
    kind = type(error)
    known = kind.__module__.partition(".")[0] in TOLD or isinstance(error, (FaqError, OSError))
    said = str(error).partition("\n")[0]
    return f"{kind.__name__}: {said}" if known else f"{kind.__name__} (what it says is left out)"


def traced(exc_info: ExcInfo) -> str:
    """A traceback as Python prints it, with ``told`` in place of each exception's message.

    Args:
        exc_info: as ``sys.exc_info`` gives it.
    """
    error: BaseException | None = exc_info[1]
    parts: list[str] = []
    while error is not None:
        frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
        parts.insert(0, f"Traceback (most recent call last):\n{frames}{told(error)}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\nwhich led to\n\n".join(parts)


def _put(output: Output, logger: logging.Logger) -> None:
    """Makes the output a logger's only one on the terminal; handlers elsewhere, such as those of tests, stay."""
    for handler in list(logger.handlers):
        if isinstance(handler, Output) or getattr(handler, "stream", None) in (sys.stdout, sys.stderr):
            logger.removeHandler(handler)
    logger.addHandler(output)


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if isinstance(error, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        logging.getLogger(__name__).critical("The server ends.", exc_info=(kind, error, trace))


def _leave_out_readers(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    return {key: value for key, value in event.items() if key not in OF_READERS}


def _forget_other_outputs(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Another handler leaves its own rendering on the record, where it looks like something to add."""
    return {key: value for key, value in event.items() if key not in ("message", "asctime")}


def _hide_logged_exception(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Sanic logs an exception as if it were a message."""
    logged = event["_record"].msg
    if isinstance(logged, BaseException):
        event["event"] = told(logged)
    return event


def _take_out_code(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    found = CODE.match(str(event["event"]))
    if found:
        event.update(code=found[1], event=event["event"][found.end() :])
    return event


_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    structlog.processors.StackInfoRenderer(),
    structlog.dev.set_exc_info,
    structlog.processors.ExceptionRenderer(traced),
]
_TO_OUTPUT: Processor = structlog.stdlib.ProcessorFormatter.wrap_for_formatter
