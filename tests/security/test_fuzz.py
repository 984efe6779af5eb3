"""The server against its own description (schemathesis): it never fails, never hangs, and answers as described."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from channels.reference import load_description
from channels.settings import ChatSettings
from tests.security.attacker import Attacker, bearer
from tests.security.server import Server

DESCRIPTION = load_description(ChatSettings())
API = schemathesis.openapi.from_dict(DESCRIPTION)
OPERATIONS = [result.ok() for result in API.get_all_operations()]
WITH_BODY = [operation for operation in OPERATIONS if operation.body]

SECONDS = 30
"""After which a call counts as hanging."""

FUZZ = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""Of each operation so many calls at most. No shrinking: what fails is shown as it was found."""

FEW = 5
"""Of an operation without a body: its calls are much alike."""

NOT_FOR_US = [positive_data_acceptance, negative_data_rejection]
"""A well-formed call may be refused for what no schema can say: a payload that was not offered, an unknown id. That a
malformed one is refused, the test itself looks at: schemathesis does not know that too long a text is 413, and what it
takes for malformed may be well-formed after all, with only a header or an unknown field changed."""


class Reader:
    """Keeps a conversation with one message going, and begins anew when a call has deleted it."""

    def __init__(self, attacker: Attacker) -> None:
        self.attacker, self.message, self.session = attacker, str(uuid.uuid4()), ""

    def headers(self) -> dict[str, str]:
        """The header with a session that is good now."""
        if not self.session or self.attacker.history(self.session).status_code != 200:
            self.session = self.attacker.session()
            assert self.attacker.say(self.session, "how long does it last?", id=self.message).status_code == 200
        return bearer(self.session)


@pytest.fixture(scope="module")
def reader(limited: Server) -> Iterator[Reader]:
    with Attacker(limited) as attacker:
        yield Reader(attacker)


def is_well_formed(operation: Any, body: Any) -> bool:
    """Whether the description's own schema takes a body; bytes are sent as they are and are no JSON."""
    schema = operation.definition.raw["requestBody"]["content"]["application/json"]["schema"]
    whole = {**schema, "components": DESCRIPTION["components"]}
    return not isinstance(body, bytes) and jsonschema.Draft202012Validator(whole).is_valid(body)


def fuzz(operation: Any, mode: GenerationMode, reader: Reader) -> list[int]:
    """Sends what schemathesis makes of an operation and has every answer checked; returns the status codes."""
    codes = []

    @settings(FUZZ, max_examples=FUZZ.max_examples if operation.body else FEW)
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: schemathesis.Case) -> None:
        headers = reader.headers()
        if mode == GenerationMode.POSITIVE and operation.path.endswith("/feedback"):
            case.body["id"] = reader.message  # no schema can say which ids there are
        if mode == GenerationMode.NEGATIVE and is_well_formed(operation, case.body):
            return
        answer = case.call(base_url=reader.attacker.server.url, headers=headers, timeout=SECONDS)
        codes.append(answer.status_code)
        case.validate_response(answer, excluded_checks=NOT_FOR_US)

    send()
    return codes


def label(operation: Any) -> str:
    return str(operation.label)


@pytest.mark.parametrize("operation", OPERATIONS, ids=label)
def test_fuzz_well_formed_calls(operation, reader):
    codes = fuzz(operation, GenerationMode.POSITIVE, reader)
    assert codes
    assert min(codes) < 300, "nothing was accepted, so nothing was tried"
    assert 429 not in codes, "the limits have made the fuzzing toothless"


@pytest.mark.parametrize("operation", WITH_BODY, ids=label)
def test_fuzz_malformed_calls(operation, reader):
    codes = fuzz(operation, GenerationMode.NEGATIVE, reader)
    assert len(codes) >= FUZZ.max_examples / 4
    assert min(codes) >= 400
    assert max(codes) < 429


@pytest.mark.parametrize("operation", WITH_BODY, ids=label)
def test_fuzz_any_bytes_under_any_header(operation, reader):
    """Bodies that are no JSON at all, and headers with whatever may stand in a header."""
    printable = st.text(st.characters(min_codepoint=32, max_codepoint=255, blacklist_characters="\x7f"), max_size=40)
    names = st.sampled_from(["Content-Type", "Accept", "Cookie", "Forwarded", "If-None-Match", "Range", "X-Real-IP"])
    client = reader.attacker.http

    @FUZZ
    @given(st.binary(max_size=400), st.dictionaries(names, printable), printable)
    def send(body: bytes, headers: dict[str, str], query: str) -> None:
        encoded = {name: value.strip().encode("latin-1") for name, value in {**reader.headers(), **headers}.items()}
        answer = client.post(operation.path, content=body, headers=encoded, params={"q": query}, timeout=SECONDS)
        assert answer.status_code in (400, 415), (answer.status_code, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"

    send()


@pytest.mark.parametrize("operation", OPERATIONS, ids=label)
def test_fuzz_without_a_session(operation, reader):
    """What needs a session says 401 and nothing else, whatever else is wrong with the call."""
    answer = httpx.request(operation.method, f"{reader.attacker.server.url}{operation.path}", trust_env=False)
    assert (answer.status_code == 401) == bool(operation.definition.raw.get("security"))
