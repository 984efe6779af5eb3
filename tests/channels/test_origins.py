from __future__ import annotations

import pytest

from channels.origins import is_foreign, is_same_origin


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("http://localhost:5005", "localhost:5005", True),
        ("https://www.example.org", "www.example.org", True),
        ("https://WWW.Example.org", "www.example.org", True),
        ("https://www.example.org", "www.example.org:443", True),
        ("http://[::1]:5005", "[::1]:5005", True),
        ("http://localhost:5006", "localhost:5005", False),
        ("https://www.example.org:8443", "www.example.org", False),
        ("https://www.example.org.evil.example", "www.example.org", False),
        ("https://evil.example", "www.example.org", False),
        ("file://", "", False),
        ("http://", "", False),
        ("null", "null", False),
        ("http://a:99999", "a:99999", False),
    ],
)
def test_is_same_origin(origin, host, same):
    assert is_same_origin(origin, host) is same


def test_is_foreign_only_with_an_origin_that_is_not_listed():
    allowed = ("https://www.example.org",)
    assert not is_foreign({"host": "chat.example.org"}, allowed)
    assert not is_foreign({"host": "chat.example.org", "origin": "https://www.example.org"}, allowed)
    assert is_foreign({"host": "chat.example.org", "origin": "http://www.example.org"}, allowed)
