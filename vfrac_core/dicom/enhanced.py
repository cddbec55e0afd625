"""Frames of an enhanced (multi-frame) CT: the attributes stand in functional groups, shared or per frame (PS3.3 C.7.6.16)."""

from __future__ import annotations

from pydicom.dataset import Dataset

from vfrac_core.dicom.frame import Frame, is_localizer, make_frame
from vfrac_core.errors import UnreadableSeriesError

# Where enhanced CT keeps what a classic image has at its top level.
MOVED = {
    "KVP": "CTXRayDetailsSequence",
    "ConvolutionKernel": "CTReconstructionSequence",
    "SliceThickness": "PixelMeasuresSequence",
    "WindowCenter": "FrameVOILUTSequence",
    "WindowWidth": "FrameVOILUTSequence",
}


def enhanced_frames(dataset: Dataset, count: int) -> tuple[Frame, ...]:
    """The frames that are no localizers, in the order of the file; series-wide values are copied to the top level.

    Raises UnreadableSeriesError where the per-frame groups do not fit the number of frames or lack geometry or rescale.
    """
    per_frame = dataset.get("PerFrameFunctionalGroupsSequence") or []
    if len(per_frame) != count:
        raise UnreadableSeriesError("the number of frames does not fit the frames described; export the series again")
    shared = next(iter(dataset.get("SharedFunctionalGroupsSequence") or []), Dataset())
    for keyword, sequence in MOVED.items():
        value = _group(shared, per_frame[0], sequence).get(keyword)
        if value is not None:
            setattr(dataset, keyword, value)
    groups = [(index, own) for index, own in enumerate(per_frame) if not _is_localizer(shared, own)]
    return tuple(
        make_frame(
            index,
            _group(shared, own, "PlanePositionSequence"),
            _group(shared, own, "PlaneOrientationSequence"),
            _group(shared, own, "PixelMeasuresSequence"),
            _group(shared, own, "PixelValueTransformationSequence"),
        )
        for index, own in groups
    )


def _group(shared: Dataset, own: Dataset, sequence: str) -> Dataset:
    """The one item of a functional group, from the frame itself or shared by all; empty where neither has it."""
    items = own.get(sequence) or shared.get(sequence) or [Dataset()]
    return items[0]


def _is_localizer(shared: Dataset, own: Dataset) -> bool:
    return is_localizer(_group(shared, own, "CTImageFrameTypeSequence").get("FrameType"))
