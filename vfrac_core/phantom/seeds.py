"""The seeds of our own cohorts, a range for each purpose, so that no network is ever tested on a case that it was taught.

A case is a seed and an index, and cases of different seeds share no random number. So disjoint ranges of seeds are disjoint
sets of cases, however many a cohort has. ``phantom --seed`` takes any seed: the ranges bind our own programs, and a user who
trains on a seed out of ``EVALUATION`` has seen the examination. Seeds below 1000 and above ``PRETRAINING`` are never ours.
"""

from __future__ import annotations

from typing import Final

TEACHING: Final = range(1_000, 2_000)  # the examples that everybody sees
CROSS_VALIDATION: Final = range(2_000, 3_000)  # cohorts as large as the paper's, split into folds of their own
EVALUATION: Final = range(3_000, 4_000)  # what finished weights are judged on, once
INDEPENDENT: Final = range(4_000, 5_000)  # signs without a class: AUC of each sign
LEAK_CONTROLS: Final = range(5_000, 5_005)  # five, fixed before the first was looked at
TESTS: Final = range(6_000, 7_000)
PRETRAINING: Final = range(1_000_000, 2_000_000)  # an endless stream: each seed gives as many cases as are asked for
