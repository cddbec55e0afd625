"""The reader's box: checked against the slice, in mm, and the smallest square around it. Pure geometry, no pixels."""

from __future__ import annotations

from vfrac_core.errors import InvalidRoiError
from vfrac_core.paper import SLICES_PER_PATIENT
from vfrac_core.types import BoxMm, PixelBox, SpacingMm

MIN_SIDE_MM = 3.0


def box_to_mm(box: PixelBox, spacing: SpacingMm) -> BoxMm:
    """The same box in mm: 0 is the outer corner of pixel (0, 0), row r begins at r · row height."""
    return BoxMm(box.row_min * spacing.row, box.col_min * spacing.column, box.row_max * spacing.row, box.col_max * spacing.column)


def fit_box(box: PixelBox, rows: int, columns: int, spacing: SpacingMm) -> PixelBox:
    """The part of the box that lies on the slice of rows × columns pixels.

    Raises InvalidRoiError when no part does, or when a side of that part is shorter than 3 mm.
    """
    row_min, row_max = max(box.row_min, 0), min(box.row_max, rows)
    col_min, col_max = max(box.col_min, 0), min(box.col_max, columns)
    if row_min >= row_max or col_min >= col_max:
        raise InvalidRoiError(f"the box lies outside the slice of {rows} × {columns} pixels; draw it on the picture")
    fitted = PixelBox(row_min, col_min, row_max, col_max)
    _refuse_small(box_to_mm(fitted, spacing))
    return fitted


def fit_box_mm(box: BoxMm, rows: int, columns: int, spacing: SpacingMm) -> BoxMm:
    """The same for a box whose edges may lie between pixels: not drawn by a reader, but a drawn one moved by some mm."""
    row_min, row_max = max(box.row_min, 0.0), min(box.row_max, rows * spacing.row)
    col_min, col_max = max(box.col_min, 0.0), min(box.col_max, columns * spacing.column)
    if row_min >= row_max or col_min >= col_max:
        raise InvalidRoiError(f"the box lies outside the slice of {rows} × {columns} pixels; draw it on the picture")
    fitted = BoxMm(row_min, col_min, row_max, col_max)
    _refuse_small(fitted)
    return fitted


def _refuse_small(box: BoxMm) -> None:
    if min(box.height, box.width) < MIN_SIDE_MM - 1e-6:
        raise InvalidRoiError(
            f"the box is {box.height:.1f} × {box.width:.1f} mm, expected at least {MIN_SIDE_MM:g} mm a side; draw a larger one"
        )


def check_slice(slice_index: int, slices: int) -> int:
    """The index itself, when the stack has such a slice; raises InvalidRoiError otherwise."""
    if not 0 <= slice_index < slices:
        raise InvalidRoiError(f"slice {slice_index} does not exist; the stack has slices 0 to {slices - 1}")
    return slice_index


def square_box(box: BoxMm, rows: int, columns: int, spacing: SpacingMm) -> BoxMm:
    """Smallest square in mm that holds the box, on a slice of rows × columns pixels (paper, "Deep Learning Architecture").

    side = max(height, width), centred on the box, then shifted until it lies on the slice. Only along an axis in which
    the slice itself is shorter than the side does it reach past it, equally at both ends.
    """
    side = max(box.height, box.width)
    row_min = _place(box.row_min, box.height, side, rows * spacing.row)
    col_min = _place(box.col_min, box.width, side, columns * spacing.column)
    return BoxMm(row_min, col_min, row_min + side, col_min + side)


def _place(start: float, length: float, side: float, extent: float) -> float:
    """Where the square begins along one axis of ``extent`` mm."""
    if side >= extent:
        return (extent - side) / 2
    return min(max(start - (side - length) / 2, 0.0), extent - side)


def default_slices(slice_index: int, slices: int, count: int = SLICES_PER_PATIENT) -> tuple[int, ...]:
    """The ``count`` (odd) slices centred on the box's slice, those that exist: at the volume's edge there are fewer.

    They alone enter the patient's probability (decision 13).
    """
    reach = count // 2
    return tuple(range(max(slice_index - reach, 0), min(slice_index + reach + 1, slices)))
