from __future__ import annotations

import numpy as np

from nlu.judge import Judge


def test_judge_gives_a_case_the_same_whichever_others_come_with_it() -> None:
    random = np.random.default_rng(0)
    judge = Judge(*random.normal(size=(3, 9)).tolist(), bias=0.3)
    cases = random.normal(size=(200, 9))
    alone = [judge.probability(case[None])[0] for case in cases]
    assert judge.probability(cases).tolist() == alone
    assert judge.probability(cases[:7]).tolist() == alone[:7]
