"""How well messages are understood that the pipeline was not trained on: each phrasing once, by cross-validation."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from faq.reply import OUT_OF_SCOPE
from maintain.cases import Case, Understood
from maintain.ranking import calibration_error
from maintain.scoring import Labelled, Outcome

FOLDS = 5
INTENTS_ONLY = "phrasing; do not score urgency"
"""Note of a phrasing as a message: how urgent it is, nobody has labelled."""

Item = TypeVar("Item")


class Pipeline(Protocol):
    """Something trained that understands messages."""

    def understand(self, texts: Sequence[str]) -> list[Understood]:
        """Understands messages, one result for each."""


def folds(items: Sequence[Item], kind: Callable[[Item], object], number: int = FOLDS) -> list[list[Item]]:
    """Deals items out, each kind as evenly as can be, always in the same way.

    Args:
        items: all of them.
        kind: what is to be even.
        number: of folds.

    Returns:
        The folds.
    """
    kinds: dict[object, list[Item]] = defaultdict(list)
    for item in items:
        kinds[kind(item)].append(item)
    dealt: list[list[Item]] = [[] for _ in range(number)]
    chance, place = random.Random(0), 0  # noqa: S311
    for members in kinds.values():
        for item in chance.sample(members, len(members)):
            dealt[place % number].append(item)
            place += 1
    return dealt


def cross_validate(
    examples: Sequence[tuple[str, frozenset[str], Item]],
    train: Callable[[list[Item]], Pipeline],
    number: int = FOLDS,
) -> Iterator[Case]:
    """Trains once for each fold, on all the others.

    Args:
        examples: text, intents and what ``train`` takes.
        train: trains a pipeline.
        number: of folds.

    Yields:
        Each phrasing with what the pipeline that had not seen it made of it.
    """
    dealt = folds(examples, lambda each: each[1], number)
    for place, fold in enumerate(dealt):
        others = [each for other in dealt[:place] + dealt[place + 1 :] for each in other]
        pipeline = train([item for _, _, item in others])
        results = pipeline.understand([text for text, _, _ in fold])
        for (text, intents, _), understood in zip(fold, results, strict=True):
            label = Labelled("", text, intents, (), "none", INTENTS_ONLY)
            yield Case(Outcome(label, understood.intents, "none"), understood)


def calibration(cases: Iterable[Case]) -> Mapping[str, float]:
    """Expected calibration errors, each over 15 bins of equal mass.

    Args:
        cases: of ``cross_validate``, so that no confidence comes from a message that was learnt.

    Returns:
        ``decision``: confidence of what is answered or refused, against whether the message asks it; ``scope``: score
        of refusal, against whether the message is in scope; and for each intent, its confidence in every message
        against whether the message asks it.
    """
    seen = list(cases)
    errors = {
        "decision": calibration_error(
            [each.understood.confidence for each in seen], [bool(_decision(each) & each.label.intents) for each in seen]
        ),
        "scope": calibration_error([each.understood.score for each in seen], [each.is_known for each in seen]),
    }
    rankings = [dict(each.understood.ranking) for each in seen]
    for intent in sorted(set().union(*rankings)):
        confidences = [ranking.get(intent, 0.0) for ranking in rankings]
        errors[intent] = calibration_error(confidences, [intent in each.label.intents for each in seen])
    return errors


def _decision(case: Case) -> frozenset[str]:
    refused = OUT_OF_SCOPE in case.outcome.intents
    return frozenset({OUT_OF_SCOPE if refused else case.understood.best})
