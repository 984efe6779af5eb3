"""The errors of the project. Each message carries a code to search for, the place, and the mend."""

from __future__ import annotations


class FaqError(Exception):
    """Root of all errors that the project raises on purpose."""


class DocumentError(FaqError):
    """A document cannot be read or does not have the form that answers need."""


class PhrasingError(FaqError):
    """Training data or the domain cannot be read."""


class EncoderError(FaqError):
    """The sentence encoder's files are missing or not the official ones."""


class RuleError(FaqError):
    """A triage rule file is not well formed."""


class EmergencyError(FaqError):
    """The emergency numbers are not well formed, or do not know the country that was asked for."""


class ModelError(FaqError):
    """A trained model is missing, damaged, or not the one that was promoted."""


class SetupError(FaqError):
    """The assistant cannot start as it is configured."""
