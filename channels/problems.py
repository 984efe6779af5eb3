"""The errors of the chat API: problem+json (RFC 9457), each with a sentence that may be shown to a reader."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import Any

from sanic.exceptions import InvalidUsage, NotFound, PayloadTooLarge, RequestTimeout, ServiceUnavailable
from sanic.response import HTTPResponse

from faq.errors import FaqError
from faq.requests import KEY

logger = logging.getLogger(__name__)

SENTENCES: dict[str, tuple[int, str]] = {
    "bad_request": (400, "The request could not be read."),
    "bad_json": (400, "The request is not well-formed JSON."),
    "not_an_object": (400, "The request must be a JSON object."),
    "bad_id": (400, 'The field "id" must be a UUID, such as 0b9c2a3e-5d0f-4c60-9a62-0c6d3a4a1f10.'),
    "text_or_payload": (400, 'Send either a "text" or a "payload", and only one of them.'),
    "bad_helpful": (400, 'The field "helpful" must be true or false.'),
    "bad_reason": (400, 'The field "reason" must be a text.'),
    "blank_text": (400, "The message is empty. Please write a question."),
    "not_offered": (400, "This button was not offered in this conversation. Please write your question instead."),
    "no_session": (401, "Please start a new conversation."),
    "session_expired": (401, "This conversation has expired. Please start a new one."),
    "foreign_origin": (403, "This website is not allowed to use the chat."),
    "not_found": (404, "There is nothing at this address."),
    "conversation_gone": (404, "This conversation has been deleted. Please start a new one."),
    "no_such_message": (404, "There is no such message in this conversation."),
    "method_not_allowed": (405, "This address does not support that method."),
    "request_timeout": (408, "The request took too long to arrive."),
    "body_too_large": (413, "The request is too large."),
    "text_too_long": (413, "The message is too long. Please shorten it."),
    "conversation_too_long": (413, "This conversation has become too long. Please start a new one."),
    "not_json": (415, "The request must be sent as application/json."),
    "too_many": (429, "That was a lot at once. Please wait a moment and try again."),
    "internal": (500, "Something went wrong on our side."),
    "not_ready": (503, "The assistant is not ready yet. Please try again in a moment."),
    "busy": (503, "The assistant is busy. Please try again in a moment."),
    "no_answer": (503, "The assistant could not answer just now. Please try again in a moment."),
    "unhealthy": (503, "The assistant cannot answer at the moment."),
}
"""Every problem by its code: the HTTP status and the sentence for people."""

_OF_SANIC: dict[type[Exception], str] = {
    PayloadTooLarge: "body_too_large",
    InvalidUsage: "bad_request",
    NotFound: "not_found",
    RequestTimeout: "request_timeout",
    ServiceUnavailable: "no_answer",
}


class Problem(FaqError):
    """A request that is answered with an error.

    Args:
        code: a key of ``SENTENCES``.
        retry_after: seconds after which another attempt makes sense, for 429 and 503.
        headers: further response headers.
        members: further members of the JSON object.
    """

    def __init__(
        self, code: str, retry_after: int | None = None, headers: dict[str, str] | None = None, **members: Any
    ) -> None:
        self.code, self.members = code, members
        self.status, self.sentence = SENTENCES[code]
        self.headers = dict(headers or {})
        if retry_after is not None:
            self.headers["Retry-After"] = str(retry_after)
        if self.status == HTTPStatus.UNAUTHORIZED:
            self.headers["WWW-Authenticate"] = "Bearer"
        super().__init__(f"[CHT10] {self.status} {code}: {self.sentence}")


def render(problem: Problem, request_id: str) -> HTTPResponse:
    """The HTTP response of a problem.

    Args:
        problem: what went wrong.
        request_id: by which the logs of all servers tell more about it.
    """
    body = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.sentence,
        "code": problem.code,
        KEY: request_id,
        **problem.members,
    }
    return HTTPResponse(json.dumps(body), problem.status, problem.headers, "application/problem+json")


def problem_of(error: Exception, retry_after: int) -> Problem:
    """The problem to answer with when handling a request raised ``error``; what it says inside stays in the log.

    Args:
        error: whatever was raised.
        retry_after: seconds to name for an answer that did not come in time.
    """
    if isinstance(error, Problem):
        return error
    for kind, code in _OF_SANIC.items():
        if isinstance(error, kind):
            return Problem(code, retry_after if SENTENCES[code][0] == HTTPStatus.SERVICE_UNAVAILABLE else None)
    logger.error("[CHT11] A request to the chat failed.", exc_info=error)
    return Problem("internal")
