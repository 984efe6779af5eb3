"""The evaluation as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from maintain.cases import Case
from maintain.cross_validation import calibration
from maintain.learning_curve import MEASURED, Point
from maintain.pictures import Picture, confusion_matrix, learning_curve, score_histograms, scores, threshold_curve
from maintain.scoring import Rate, by_intent, confusion, rates
from maintain.slices import by_slice

TEMPLATES = Path(__file__).parent / "templates"
WORST = 20

SAFETY = {"doctor, recall", "emergency, recall", "false alarms"}
"""The rates of ``scoring.rates`` that are about urgency."""


@dataclass(frozen=True)
class Part:
    """What the page shows of one kind of messages."""

    total: int
    rates: list[Rate]
    by_intent: Mapping[str, tuple[Rate, Rate]]
    by_slice: list[Rate]
    confusion: Picture
    histograms: Picture | None
    thresholds: Picture | None
    worst: list[Case]

    @classmethod
    def of(cls, cases: Sequence[Case], topics: frozenset[str], sliced: bool) -> Part:
        """Measures.

        Args:
            cases: at least one.
            topics: the intents that the documents answer.
            sliced: whether the notes tell kinds of messages apart.

        Returns:
            Rates and pictures; those of scores only where there are messages in scope and others.
        """
        outcomes = [case.outcome for case in cases]
        both_kinds = all(len(kind) for kind in scores(cases))
        return cls(
            total=len(cases),
            rates=[rate for rate in rates(outcomes, topics) if rate.total and rate.name not in SAFETY],
            by_intent=by_intent(outcomes),
            by_slice=by_slice(outcomes, topics) if sliced else [],
            confusion=confusion_matrix(confusion(outcomes), topics),
            histograms=score_histograms(cases) if both_kinds else None,
            thresholds=threshold_curve(cases) if both_kinds else None,
            worst=worst(cases),
        )


@dataclass(frozen=True)
class Safety:
    """How urgency was recognised: ``misses`` got less than they needed, ``alarms`` more."""

    rates: list[Rate]
    misses: list[Case]
    alarms: list[Case]

    @classmethod
    def of(cls, cases: Sequence[Case], topics: frozenset[str]) -> Safety:
        """Measures messages whose urgency is labelled."""
        levels = ("none", "doctor", "emergency")
        urgent = [case for case in cases if case.label.scores_urgency]
        names = {"doctor, recall": "doctor, sensitivity", "emergency, recall": "emergency, sensitivity"}
        return cls(
            rates=[
                Rate(names.get(rate.name, rate.name), rate.hits, rate.total)
                for rate in rates([case.outcome for case in cases], topics)
                if rate.name in SAFETY
            ],
            misses=[c for c in urgent if levels.index(c.outcome.urgency) < levels.index(c.label.urgency)],
            alarms=[c for c in urgent if levels.index(c.outcome.urgency) > levels.index(c.label.urgency)],
        )


def worst(cases: Sequence[Case], most: int = WORST) -> list[Case]:
    """The errors that the pipeline was surest of.

    Args:
        cases: all of them.
        most: how many to list.

    Returns:
        The worst first.
    """
    return sorted((case for case in cases if case.is_wrong), key=lambda case: -case.badness)[:most]


def page(
    cases: Sequence[Case],
    validated: Sequence[Case],
    points: Sequence[Point],
    topics: frozenset[str],
    about: Mapping[str, object],
) -> str:
    """Makes the page.

    Args:
        cases: labelled messages.
        validated: phrasings of the cross-validation; may be empty.
        points: of the learning curve; may be empty.
        topics: the intents that the documents answer.
        about: ``model``, ``measured_at``, ``source`` and ``folds``.

    Returns:
        HTML.
    """
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("evaluation.html").render(
        messages=Part.of(cases, topics, sliced=True),
        safety=Safety.of(cases, topics),
        phrasings=Part.of(validated, topics, sliced=False) if validated else None,
        calibration=calibration(validated) if validated else {},
        curve=learning_curve(points) if points else None,
        points=points,
        curve_names=MEASURED,
        **about,
    )
