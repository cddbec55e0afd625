"""The constants of Li et al., Eur Radiol 2021;31:9612-9619, each with its place in the paper, and our reading where it is silent.

Every reading that changes a result has a record in docs/decisions.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SIGNS: Final = (  # Materials and Methods, "Visual Assessment and Scoring", in the order of Table 1
    "vertebral_compression",
    "bone_cortex_interruption",
    "paravertebral_soft_tissue_mass",
    "transverse_fracture_line",
    "multiple_segments",
    "bone_destruction",
)
COMPRESSION_THRESHOLD: Final = 0.20  # ibid.: "reduction in vertebral height more than 20%"

SLICE_THICKNESS_MM: Final = 3.0  # "Patient Datasets": sagittal reformats of 3 mm
CHANNELS: Final = 3  # "Deep Learning Architecture": the slice and its two neighbours
INPUT_SIZE: Final = 64  # ibid.: resampled to 64 x 64, linear
SLICES_PER_PATIENT: Final = 5  # "Training and Evaluation Methods": 3-5 slices; ours: 5 centred on the box (decision 13)
MALIGNANT_THRESHOLD: Final = 0.5  # "Statistical Analysis": 0.5 is malignant, so p >= 0.5

STEM_KERNEL: Final = 3  # "Deep Learning Architecture": one 3x3 convolution
STEM_STRIDE: Final = 1  # not stated; 1 keeps the last feature map at 4 x 4 (decision 4)

RESIDUAL_BLOCKS: Final = 16  # Fig. 1

# "Patient Datasets" and Table 1, by class.
ALL_PATIENTS: Final = 433
PATIENTS: Final[Mapping[str, int]] = {"malignant": 296, "benign": 137}
MALE_PATIENTS: Final[Mapping[str, int]] = {"malignant": 170, "benign": 53}
AGE_MEAN_SD_YEARS: Final[Mapping[str, tuple[float, float]]] = {"malignant": (57.8, 11.3), "benign": (62.8, 16.1)}
AGE_RANGE_YEARS: Final[Mapping[str, tuple[int, int]]] = {"malignant": (27, 84), "benign": (14, 93)}
SIGN_PATIENTS: Final[Mapping[str, Mapping[str, int]]] = {  # in how many a sign was present
    "malignant": dict(zip(SIGNS, (250, 290, 276, 3, 161, 294), strict=True)),
    "benign": dict(zip(SIGNS, (133, 125, 2, 109, 30, 1), strict=True)),
}
