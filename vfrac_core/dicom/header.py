"""From one DICOM file to the header of its frames: everything that can be refused about a single file is refused here."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.uid import UID, EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage, MediaStorageDirectoryStorage
from pydicom.uid import CTImageStorage as CT_IMAGE

from vfrac_core.dicom.enhanced import enhanced_frames
from vfrac_core.dicom.frame import Frame, is_localizer, make_frame
from vfrac_core.dicom.image_file import Parsed, PixelElement, parse_header, tags_of
from vfrac_core.dicom.sources import SourceFile
from vfrac_core.dicom.syntaxes import check_syntax
from vfrac_core.errors import UnreadableSeriesError
from vfrac_core.settings import MB, Limits

ENHANCED = (EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage)
CT_CLASSES = (CT_IMAGE, *ENHANCED)

# All that is ever read of a header. Names, identifiers, dates and free text are not among them.
HEADER_TAGS = tags_of(
    *("SOPClassUID", "SeriesInstanceUID", "ImageType", "BurnedInAnnotation", "NumberOfFrames"),
    *("Rows", "Columns", "SamplesPerPixel", "PhotometricInterpretation"),
    *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PixelPaddingValue", "PixelPaddingRangeLimit"),
    *("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "RescaleSlope", "RescaleIntercept"),
    *("WindowCenter", "WindowWidth", "LossyImageCompression", "SliceThickness", "KVP", "ConvolutionKernel"),
    *("Manufacturer", "ManufacturerModelName", "PatientSex", "PatientAge"),
    *("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"),
    *("PlanarConfiguration", "ExtendedOffsetTable", "ExtendedOffsetTableLengths"),
)


@dataclass(frozen=True, slots=True)
class Header:
    """What is kept of one file inside the child. ``series_uid`` is "" where there is none; it never leaves the child."""

    file: SourceFile
    series_uid: str
    syntax: UID
    rows: int
    columns: int
    frames: tuple[Frame, ...]
    localizer: bool
    pixels: PixelElement
    dataset: Dataset


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that gives no frames, and why. ``series_uid`` is None where the header could not be read so far.

    ``kind`` says how it counts: "junk" is not DICOM, "other" is DICOM but not CT, "bad" belongs to a CT series.
    """

    file: SourceFile
    kind: str
    reason: str
    series_uid: str | None = None


def read_header(file: SourceFile, limits: Limits) -> Header | Skipped:
    """The header of one file that starts like DICOM, within limits. Never raises for what is in the file."""
    try:
        with file.open() as stream:
            parsed = parse_header(stream, file.size, HEADER_TAGS, limits)
        return _from_parsed(file, parsed, limits)
    except UnreadableSeriesError as refused:
        return Skipped(file, "bad", str(refused))
    except RecursionError:
        return Skipped(file, "bad", "the header is too deeply nested; export the series again")
    except Exception as error:  # noqa: BLE001 - pydicom's errors quote values; only their class may be told
        return Skipped(file, "bad", f"the header cannot be read ({type(error).__name__}); export the series again")


def _from_parsed(file: SourceFile, parsed: Parsed, limits: Limits) -> Header | Skipped:
    dataset = parsed.dataset
    sop_class = UID(str(dataset.get("SOPClassUID", "")))
    if not parsed.complete and (not sop_class or sop_class in CT_CLASSES):
        return Skipped(file, "bad", "incomplete header: the file is cut off; copy the series again", _uid(dataset))
    if str(dataset.file_meta.get("MediaStorageSOPClassUID", "")) == MediaStorageDirectoryStorage:
        return Skipped(file, "junk", "a DICOM directory (DICOMDIR), not an image; give the images themselves")
    if sop_class not in CT_CLASSES:
        return Skipped(file, "other", f"not CT ({_class_name(sop_class)}); give CT images", _uid(dataset))
    try:
        return _ct_header(file, parsed, limits)
    except UnreadableSeriesError as refused:
        return Skipped(file, "bad", str(refused), _uid(dataset))
    except Exception as error:  # noqa: BLE001 - a broken element fails in pydicom or in our own conversion, and the text quotes its value
        return Skipped(file, "bad", f"the header cannot be read ({type(error).__name__}); export the series again", _uid(dataset))


def _ct_header(file: SourceFile, parsed: Parsed, limits: Limits) -> Header:
    dataset = parsed.dataset
    enhanced = dataset.SOPClassUID in ENHANCED
    localizer = is_localizer(dataset.get("ImageType"))
    if parsed.pixels is None:
        raise UnreadableSeriesError("no pixel data in it; export the series with its images")
    _check_image(dataset, limits)
    _check_size(file, limits.enhanced_file_bytes if enhanced else limits.file_bytes)
    check_syntax(parsed.syntax, signed=dataset.PixelRepresentation == 1, bits=dataset.BitsStored)
    count = _frame_count(dataset, enhanced, limits)
    if localizer:
        frames: tuple[Frame, ...] = ()
    elif enhanced:
        frames = enhanced_frames(dataset, count)
        localizer = not frames
    else:
        frames = (make_frame(0, dataset, dataset, dataset, dataset),)
    return Header(
        file, _uid(dataset) or "", parsed.syntax, dataset.Rows, dataset.Columns, frames, localizer, parsed.pixels, dataset
    )


def _check_image(dataset: Dataset, limits: Limits) -> None:
    if str(dataset.get("BurnedInAnnotation", "")).strip().upper() == "YES":
        raise UnreadableSeriesError("the slices have text burned in; give the original series")
    if dataset.get("SamplesPerPixel", 1) != 1:
        raise UnreadableSeriesError("not CT: the pixels are in colour; give the original series")
    if str(dataset.get("PhotometricInterpretation", "")).strip() != "MONOCHROME2":
        raise UnreadableSeriesError("the photometric interpretation is not MONOCHROME2, as CT has it; give the original series")
    for side in (dataset.get("Rows"), dataset.get("Columns")):
        if not isinstance(side, int) or not limits.min_side <= side <= limits.max_side:
            raise UnreadableSeriesError(
                f"the slices have too few or too many rows or columns; {limits.min_side} to {limits.max_side} are read"
            )
    _check_bits(dataset)


def _check_bits(dataset: Dataset) -> None:
    allocated, stored = dataset.get("BitsAllocated"), dataset.get("BitsStored")
    if allocated not in (8, 16) or not isinstance(stored, int) or not 1 <= stored <= allocated:
        raise UnreadableSeriesError("the pixels do not have 8 or 16 bits, as CT has; give the original series")
    if dataset.get("HighBit") != stored - 1 or dataset.get("PixelRepresentation") not in (0, 1):
        raise UnreadableSeriesError("the bits of the pixels are laid out in an unusual way; give the original series")


def _check_size(file: SourceFile, most: int) -> None:
    if file.size > most:
        raise UnreadableSeriesError(f"the file is larger than {most // MB} MB; give one CT series")


def _frame_count(dataset: Dataset, enhanced: bool, limits: Limits) -> int:
    try:
        count = int(dataset["NumberOfFrames"].value) if "NumberOfFrames" in dataset else 1
    except (TypeError, ValueError):
        count = 0
    if count < 1:
        raise UnreadableSeriesError("the number of frames is not 1 or more; export the series again")
    if not enhanced and count != 1:
        raise UnreadableSeriesError("a CT image has several frames; only enhanced CT may; export the series again")
    if count > limits.max_slices or count * dataset.Rows * dataset.Columns > limits.max_voxels:
        raise UnreadableSeriesError(f"the file announces too many frames; at most {limits.max_slices} slices are read")
    return count


def _uid(dataset: Dataset) -> str | None:
    return str(dataset.get("SeriesInstanceUID", "") or "").strip() or None


def _class_name(sop_class: UID) -> str:
    """The standard's name of a class. An unknown UID is not repeated: it could be anything."""
    if not sop_class:
        return "no SOP class"
    return sop_class.name if sop_class.name != sop_class else "an unknown SOP class"
