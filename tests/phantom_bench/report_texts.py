"""What the page says around its figures."""

from __future__ import annotations

HEAD = """# The synthetic cohort, judged

Written by `scripts/phantom_study.py`; the same figures are in phantom-study.json. Everything here is synthetic. It asks
whether the cases teach the six signs and little else; a part that is not on this page has not been run. **It says nothing about
the diagnosis of a real patient, and no network taught on these cases has seen one.** That the areas come out near the paper's is
by construction: the difficulty was set until they did, on the first cohort below.

The reference network has four layers of 3 × 3 convolutions (24, 48, 96, 128 channels, 163,801 weights). It is taught from scratch
for 18 epochs, on 64 × 64 × 3 crops prepared as the app prepares them, five slices a case, each turned, scaled and shifted anew at
every epoch (±15°, 0.9–1.1, ±10 %). It is tried on patients that it has not seen (3 folds); the last epoch is taken and nothing is
selected. Intervals are 95 %, from 1000 bootstrap samples of patients. Minutes are those of two shared cores; a short code names
the generator's source.
"""

LEARN = """
## Can it be learned?

{of} {cases}, at the paper's counts (`quota`), at the default difficulty.

{areas}
Specificity at sensitivity 0.95: {specificity:.2f}, the threshold set afterwards (the paper has 0.95 and 0.80). At 0.5:
sensitivity {half[sensitivity]:.2f}, specificity {half[specificity]:.2f}.

Who is called wrongly at the threshold of sensitivity 0.95:

{errors}
Single numbers that say something of the class without a picture (AUC by rank; above 0.5: higher in the malignant):

{scalars}"""

CONFIRM = """
The same on another cohort ({of} {cases}), made of seeds on which no knob was turned: patient {most} by the most of five slices
(wanted {low}–{high}: {verdict}), {mean} by their mean, slice {slice:.3f}; specificity {specificity:.2f} at sensitivity 0.95.
"""

SIGNS = """
## Each sign by itself

{of} {cases} `independent` cases: each sign a coin of its own, no class; one output a sign.

{signs}
The box holds one body, so there is little to see `multiple segments` by.
"""

FULL = """
## Crops against full cases

{of} Taught on {taught} crops; tried on {cases} of another range of seeds, once as crops, and once written as full axial DICOM
series, imported, reformatted and cut at the box of truth.csv.

{areas}
Lost by the way through DICOM: {lost:+.3f}; wanted at most {limit}: {verdict}. The logits of the two differ by
{mean:+.2f} ± {sd:.2f}; their own SD is {own:.2f}.
"""

RANKS = """
## Every drawn number by rank

{of} {cases} cases drawn and not painted: both classes with the same ages and sexes, each sign by a coin of its own in both, so
that each is common. AUC among the cases that have the number; 0.40–0.60 unless it may differ. Outside without a reason: {leaks}.

{outside}
{inside}
Too few of one class to rank (malignant : benign): {few}.

How often a change is there at all (malignant, benign), where the shares differ by more than 3 %: {shares}.
"""

LEAKS = """
## What must not say the class

{of} {seeds} cohorts, their seeds fixed beforehand, of {pairs} malignant and as many benign cases with the same ages and
sexes. AUC by patient (mean over the slices, mean over three folds) of the network, taught for 8 epochs, and of ridge logistic
regression. Wanted: a mean distance from 0.5 of at most {limit}; chance alone gives {chance:.3f}.

{controls}
*Corners*: 10 × 10 pixels at the upper anterior corner of the stack. *Residual noise*: both anterior corners, 24 × 24 pixels,
less all that is wider than 1.5 pixels, not standardised. *Scanner noise*: what the scanner adds to even tissue. *Outline*: tissue
or air behind the back, in the full view. These are the pixels of the cases at the first draw of their changes.

The corner's numbers by rank: {corners}.
"""

REPEAT = """
### The regression's "no", asked again

{of} Nine rows against one limit, five cohorts each: one may miss it by chance, or because there is a leak. So the
regression's controls were made again on {seeds} further cohorts, under a rule written before they were made: a leak, if the
mean AUC lies more than two standard errors from 0.5, or if the mean distance exceeds {limit}; chance otherwise.

{controls}
A distance does not shrink with the number of cohorts, and these AUCs scatter more than those of a rank would by chance; so, after
the rule had spoken, a question was asked that many cases answer. One regression was taught on all cohorts but one and tried on
that one ({cases} cases to learn from, each of the {cohorts} cohorts left out in turn): what it cannot find there is small.

{together}"""

NULL = """
### Null control

{of} Whole crops with all six bits and the mimics off: {seeds} cohorts of {pairs} malignant and as many benign cases with the same
ages and sexes, taught for 10 epochs. Wanted: a mean distance from 0.5 of at most {limit}; chance alone gives {chance:.3f}.

{controls}
Bone density still differs on purpose here (benign fractures meet weaker bone in 40 %): its own AUC by rank is {density}. Among
pairs of the same sex with a density within 6 HU the network has {closer}.
"""

UNMATCHED = """
Unmatched, {cases} cases of the `expected` cohort with the signs off, ages, sexes and densities as they are: network {network:.3f}
({of}).
"""
