"""How much the benchmark measures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Attributes:
        folder: where projects and models are kept from run to run.
        rounds: of everything that is asked.
        texts: messages of a round.
        judged: messages that accuracy is measured with; None: all.
        seconds: that each level of load lasts.
        readers: the levels of load, readers at once.
        starts: of each assistant.
        trainings: of ours; the stock assistant is trained once and kept.
        turns: of one conversation.
        examples: sizes of training data.
        sections: numbers of sections.
        phrasings: of the part ``training``; None: all.
        epochs: of the stock assistant where all hundred would take too long; None: all.
    """

    folder: Path
    rounds: int = 3
    texts: int = 150
    judged: int | None = None
    seconds: float = 6
    readers: tuple[int, ...] = (1, 8, 32, 128)
    starts: int = 3
    trainings: int = 2
    turns: int = 500
    examples: tuple[int, ...] = (1_000, 10_000)
    sections: tuple[int, ...] = (3, 30, 300)
    phrasings: int | None = None
    epochs: int | None = None

    @classmethod
    def quick(cls, folder: Path) -> Plan:
        """Whether everything works, in a few minutes; its figures say nothing."""
        sizes: dict[str, Any] = {"readers": (1, 8), "examples": (500,), "sections": (3, 30), "phrasings": 300}
        return cls(folder, 1, 12, 100, 1, starts=1, trainings=1, turns=40, epochs=2, **sizes)

    @property
    def stock(self) -> Path:
        """The stock assistant's project."""
        return self.folder / "stock"

    @property
    def stock_model(self) -> Path:
        """Its model."""
        return self.stock / "models" / "stock.tar.gz"
