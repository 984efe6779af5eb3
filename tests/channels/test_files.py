from __future__ import annotations

from types import SimpleNamespace

import pytest

from channels.files import cached_response, takes_gzip


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        ("gzip", True),
        ("gzip, deflate, br, zstd", True),
        ("br;q=1.0, GZIP;q=0.8", True),
        ("*", True),
        ("gzip;q=0", False),
        ("*, gzip; q=0.000", False),
        ("*;q=0", False),
        ("identity", False),
        ("x-gzip", False),
        ("", False),
    ],
)
def test_files_takes_gzip(accepted, takes):
    assert takes_gzip(accepted) is takes


@pytest.mark.parametrize(
    ("sent", "status"),
    [("{tag}", 304), ("W/{tag}", 304), ('"x", {tag}', 304), ("", 200), ('"x"', 200), ("{tag}x", 200)],
)
def test_files_are_checked_by_their_tag(sent, status):
    def ask(**headers):
        return cached_response(SimpleNamespace(headers=headers), b"body", "text/plain", "no-cache")

    tag = ask().headers["ETag"]
    assert ask(**{"if-none-match": sent.format(tag=tag)}).status == status
