"""Where the voxels of a proven regular stack lie, through highdicom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from highdicom.spatial import VOLUME_INDEX_CONVENTION, create_affine_matrix_from_attributes

from vfrac_core.dicom.diagnosis import normal_of
from vfrac_core.dicom.series import PlacedFrame
from vfrac_core.types import Affine


def affine_of(ordered: Sequence[PlacedFrame]) -> Affine:
    """Maps (slice, row, column, 1) to LPS mm of the voxel's centre (PS3.3 equation C.7.6.2.1-1).

    ``ordered`` comes from ``regular_order``. The slice step is the mean over the stack: single positions are rounded.
    """
    first, last = ordered[0].frame, ordered[-1].frame
    length = float((np.array(last.position_mm) - np.array(first.position_mm)) @ normal_of(ordered))
    return np.asarray(
        create_affine_matrix_from_attributes(
            image_position=first.position_mm,
            image_orientation=first.orientation,
            pixel_spacing=first.spacing_mm,
            spacing_between_slices=length / (len(ordered) - 1),
            index_convention=VOLUME_INDEX_CONVENTION,
            slices_first=True,
        ),
        dtype=np.float64,
    )
