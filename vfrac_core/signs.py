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


def ai_caption(training_data: str) -> str:
    """The sentence that stands beside every probability of trained weights."""
    return (
        f"Uncalibrated score of a network trained on {training_data}. "
        "Single-centre design, metastases only (no myeloma or lymphoma)."
    )


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
