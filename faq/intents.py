"""The assistant's own intents: what it understands whatever its article is about. All other intents are topics."""

from __future__ import annotations

from faq.reply import OUT_OF_SCOPE

SMALL_TALK = ("greet", "goodbye", "thanks", "bot_challenge", "affirm", "deny", "help", "erase", "follow_up")
"""Each is answered with the fixed phrase ``utter_<intent>``."""

OWN_INTENTS = frozenset({OUT_OF_SCOPE, *SMALL_TALK})
