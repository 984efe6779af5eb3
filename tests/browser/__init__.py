"""The widget in a real Chromium, against the real server."""

import pytest

pytest.register_assert_rewrite("tests.browser.reader")
