"""The six signs and the fixed sentences: one text, used by the form, the help, the data dictionary and the exports.

The paper defines only compression. The other definitions are ours, written from Laredo et al. (Radiology 1995;194:41),
Kubota et al. (JCAT 2005;29:712) and Mauch et al. (AJNR 2018;39:1584); a radiologist has to read them before a study is run.
``SIGNS_VERSION`` is stored with every answer: raise it whenever a definition changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SIGNS_VERSION: Final = 1

SAFETY: Final = "Research and teaching only. Not a medical device. Not for clinical use."
SYNTHETIC: Final = "SYNTHETIC: computer-generated images, no patient."
UNTRAINED: Final = "UNTRAINED: the network's weights are random; its answers mean nothing."


def ai_caption(
    training_data: str, *, initialisation: str = "not recorded", logit_shift: float = 0.0, temperature: float = 1.0
) -> str:
    """The sentences that stand beside every probability of trained weights."""
    score = "Uncalibrated score" if temperature == 1 else "Score"
    facts = [
        f"{score} of a network trained on {training_data.rstrip('.')}",
        *weights_facts(initialisation=initialisation, logit_shift=logit_shift, temperature=temperature),
    ]
    return f"{'; '.join(facts)}. Single-centre design, metastases only (no myeloma or lymphoma)."


def weights_facts(*, initialisation: str, logit_shift: float, temperature: float) -> tuple[str, ...]:
    """What else belongs beside a probability: what training started from, and what was done to the logit.

    With a shift p is the probability at equal frequencies of both classes (decision 78), which has to be said.
    """
    facts = []
    if initialisation != "not recorded":
        facts.append(f"started from {_STARTS.get(initialisation, initialisation)}")
    if logit_shift != 0:
        facts.append(
            f"logit shift {_signed(logit_shift)}, fitted on out-of-fold patients as if both classes were equally frequent"
        )
    if temperature != 1:
        facts.append(f"temperature {temperature:.2f}, fitted out of fold")
    return tuple(facts)


_STARTS: Final = {"imagenet": "ImageNet", "synthetic": "synthetic pretraining", "random": "random weights"}


def _signed(number: float) -> str:
    """Two decimals with a sign; more where two would read as zero."""
    text = f"{number:+.2f}" if abs(number) >= 0.005 else f"{number:+.1g}"
    return text.replace("-", "\u2212")


@dataclass(frozen=True, slots=True)
class Sign:
    """One of the six. ``key`` is the letter that toggles it."""

    name: str
    key: str
    label: str
    present_when: str
    look_here: str
    does_not_count: str


DEFINITIONS: Final = (
    Sign(
        "vertebral_compression",
        "C",
        "Vertebral compression",
        "Anterior, middle or posterior height of the body is reduced by more than 20 % against the adjacent normal vertebrae.",
        "Mid-sagittal, bone window.",
        "Physiological wedging T11–L1 (up to about 8–10 %), Scheuermann, limbus vertebra, oblique cut in scoliosis; "
        "end-plate concavity of a Schmorl node alone.",
    ),
    Sign(
        "bone_cortex_interruption",
        "X",
        "Bone cortex interruption",
        "The cortical line of the body or an end plate is broken, stepped or missing in at least two neighbouring slices.",
        "Sagittal and axial, bone window.",
        "Basivertebral foramen (posterior, mid-height), nutrient canals, Schmorl node with its own sclerotic rim, "
        "osteophyte gaps, partial volume at the edge slices.",
    ),
    Sign(
        "paravertebral_soft_tissue_mass",
        "M",
        "Paravertebral soft-tissue mass",
        "Soft tissue with a convex border beside or in front of the body, or epidural.",
        "Soft-tissue window, compare sides; axial view.",
        "Thin, diffuse rim all around (under 10 mm): haematoma or oedema of an acute benign fracture; psoas, crura, aorta, "
        "cava, lymph node away from bone.",
    ),
    Sign(
        "transverse_fracture_line",
        "T",
        "Transverse fracture line",
        "A lucent or dense band through the cancellous bone, roughly parallel to an end plate.",
        "Sagittal, bone window; both windows for density.",
        "Growth arrest line (thin, in many levels), end-plate sclerosis of disc disease, basivertebral vein, staircase "
        "artefact; a gas cleft is its own benign sign and is noted in the comment.",
    ),
    Sign(
        "multiple_segments",
        "G",
        "Multiple segments",
        "Another vertebra shows fracture or destruction as well.",
        "Scroll the whole stack, all levels.",
        "Old, healed, corticated wedges without a line or destruction (note them), haemangiomas, degenerative change.",
    ),
    Sign(
        "bone_destruction",
        "D",
        "Bone destruction",
        "Trabecular or cortical bone is gone or replaced (lytic, blastic, mixed): not displaced, missing; pedicle included.",
        "Bone window, para-sagittal for the pedicles; axial.",
        "Uniform osteoporosis, haemangioma (coarse struts: dots in axial, stripes in sagittal), bone island (dense, spiky, "
        "small), impaction band under a plate, atypical fracture line, Schmorl node.",
    ),
)

LEVELS: Final = tuple([f"T{i}" for i in range(1, 13)] + [f"L{i}" for i in range(1, 6)])
UNKNOWN_LEVEL: Final = "unknown"
