"""One image of a file: where it lies in the patient and how its pixels become Hounsfield units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pydicom.dataset import Dataset

from vfrac_core.errors import UnreadableSeriesError


@dataclass(frozen=True, slots=True)
class Frame:
    """One image of a file. Position and orientation are LPS mm and cosines (PS3.3 C.7.6.2); spacing is (row, column) mm."""

    index: int
    position_mm: tuple[float, ...]
    orientation: tuple[float, ...]
    spacing_mm: tuple[float, ...]
    slope: float
    intercept: float


def make_frame(index: int, position: Dataset, orientation: Dataset, measures: Dataset, rescale: Dataset) -> Frame:
    """A frame from the datasets that hold its four attributes; each refused with its name where missing or not a number."""
    frame = Frame(
        index,
        numbers(position, "ImagePositionPatient", 3, "image position"),
        numbers(orientation, "ImageOrientationPatient", 6, "image orientation"),
        numbers(measures, "PixelSpacing", 2, "pixel spacing"),
        *numbers(rescale, "RescaleSlope", 1, "rescale slope"),
        *numbers(rescale, "RescaleIntercept", 1, "rescale intercept"),
    )
    if min(frame.spacing_mm) <= 0:
        raise UnreadableSeriesError("the pixel spacing is 0 or negative; expected millimetres; export the series again")
    if frame.slope == 0:
        raise UnreadableSeriesError("the rescale slope is 0; expected the slope to Hounsfield units; export the series again")
    return frame


def numbers(dataset: Dataset, keyword: str, count: int, name: str) -> tuple[float, ...]:
    """``count`` finite numbers of an attribute. Raises UnreadableSeriesError that names the attribute, not its value."""
    if keyword not in dataset or dataset.get_item(keyword).value in (None, "", b""):
        raise UnreadableSeriesError(f"the {name} is missing; export the original series")
    try:
        value = dataset[keyword].value
        values = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        result = tuple(float(v) for v in values)
    except (TypeError, ValueError):
        result = ()
    if len(result) != count or not all(math.isfinite(v) for v in result):
        raise UnreadableSeriesError(
            f"the {name} is not {'a number' if count == 1 else f'{count} numbers'}; export the series again"
        )
    return result


def is_localizer(image_type: object) -> bool:
    """PS3.3 C.8.2.1.1.1: value 3 of Image Type. Some scanners pad values with blanks."""
    values = image_type if isinstance(image_type, Sequence) and not isinstance(image_type, str) else [image_type]
    return any(str(value).strip().upper() == "LOCALIZER" for value in values)
