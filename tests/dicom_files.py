"""Files for the tests: CT series as a scanner writes them, enhanced CT, NIfTI. Synthetic pixels, no patient.

Coordinates are DICOM's: LPS mm of a voxel's centre. ``hu`` is int16[slice, row, column] in the plane's own order:
axial: slices foot to head (``head_first`` turns it), rows anterior to posterior, columns patient right to left;
sagittal: slices right to left, rows head to foot, columns anterior to posterior;
coronal: slices anterior to posterior, rows head to foot, columns right to left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

Change = Callable[[int, FileDataset], None]
Vector = tuple[float, float, float]

# Direction of a growing column index, of a growing row index, of a growing slice index.
AXIAL: tuple[Vector, Vector, Vector] = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
AXIAL_HEAD_FIRST: tuple[Vector, Vector, Vector] = ((1, 0, 0), (0, 1, 0), (0, 0, -1))
SAGITTAL: tuple[Vector, Vector, Vector] = ((0, 1, 0), (0, 0, -1), (1, 0, 0))
CORONAL: tuple[Vector, Vector, Vector] = ((1, 0, 0), (0, 0, -1), (0, 1, 0))

INTERCEPT = -1024


def ramp_hu(slices: int = 8, rows: int = 32, columns: int = 40) -> np.ndarray:
    """Small volume in which every voxel tells where it is: distinct values between -1000 and about 1400 HU."""
    index = np.arange(slices * rows * columns, dtype=np.int64).reshape(slices, rows, columns)
    return (-1000 + index * 7 % 2400).astype(np.int16)


def write_axial_series(
    folder: Path,
    hu: np.ndarray,
    spacing_mm: Sequence[float] = (3.0, 0.8, 0.7),
    *,
    head_first: bool = False,
    origin_mm: Vector = (-100.0, -80.0, -300.0),
    change: Change | None = None,
    **attributes: object,
) -> list[Path]:
    """Axial CT series of ``hu`` (int16[slice, row, column]); ``spacing_mm`` is (slice, row, column). See ``write_series``."""
    axes = AXIAL_HEAD_FIRST if head_first else AXIAL
    return write_series(folder, hu, spacing_mm, axes, origin_mm=origin_mm, change=change, **attributes)


def write_sagittal_series(
    folder: Path, hu: np.ndarray, spacing_mm: Sequence[float] = (3.0, 0.8, 0.7), **options: object
) -> list[Path]:
    """Native sagittal CT series of ``hu`` (int16[slice, row, column])."""
    return write_series(folder, hu, spacing_mm, SAGITTAL, **options)


def write_coronal_series(
    folder: Path, hu: np.ndarray, spacing_mm: Sequence[float] = (3.0, 0.8, 0.7), **options: object
) -> list[Path]:
    """Coronal CT series of ``hu`` (int16[slice, row, column])."""
    return write_series(folder, hu, spacing_mm, CORONAL, **options)


def write_series(
    folder: Path,
    hu: np.ndarray,
    spacing_mm: Sequence[float],
    axes: tuple[Vector, Vector, Vector],
    *,
    origin_mm: Vector = (-100.0, -80.0, -300.0),
    change: Change | None = None,
    name: str = "slice{:04d}.dcm",
    **attributes: object,
) -> list[Path]:
    """One CT Image Storage file a slice into ``folder``; returns their paths in the order of ``hu``.

    ``origin_mm`` is the centre of voxel (0, 0, 0). ``attributes`` are set on every slice by DICOM keyword (None deletes),
    then ``change(index, dataset)`` may do anything to one of them, before it is written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    study_uid, series_uid, frame_uid = (generate_uid() for _ in range(3))
    across, down, along = (np.array(axis, dtype=float) for axis in axes)
    paths = []
    for index, pixels in enumerate(hu):
        dataset = ct_slice(pixels, spacing_mm)
        dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.FrameOfReferenceUID = study_uid, series_uid, frame_uid
        dataset.ImageOrientationPatient = [*across, *down]
        dataset.ImagePositionPatient = [round(float(v), 6) for v in np.array(origin_mm) + index * spacing_mm[0] * along]
        dataset.InstanceNumber = index + 1
        for keyword, value in attributes.items():
            set_attribute(dataset, keyword, value)
        if change is not None:
            change(index, dataset)
        path = folder / name.format(index)
        write_file(dataset, path)
        paths.append(path)
    return paths


def ct_slice(pixels: np.ndarray, spacing_mm: Sequence[float] = (3.0, 0.8, 0.7)) -> FileDataset:
    """One valid CT image of ``pixels`` (int16[row, column], HU), at the origin, stored unsigned with intercept -1024."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.Modality, dataset.Manufacturer = "CT", "vfrac phantom"
    dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate = "Test^Nobody", "TEST", ""
    dataset.PatientSex, dataset.PatientAge, dataset.PatientPosition = "F", "071Y", "HFS"
    dataset.StudyDate = dataset.StudyTime = dataset.AccessionNumber = dataset.StudyID = ""
    dataset.SeriesNumber, dataset.AcquisitionNumber, dataset.ReferringPhysicianName = 1, 1, ""
    dataset.KVP, dataset.SliceThickness, dataset.ConvolutionKernel = 120, spacing_mm[0], "B60f"
    dataset.PixelSpacing = [spacing_mm[1], spacing_mm[2]]
    dataset.ImageOrientationPatient, dataset.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [0, 0, 0]
    dataset.PositionReferenceIndicator, dataset.FrameOfReferenceUID = "", generate_uid()
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(), generate_uid()
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 16, 15, 0
    dataset.RescaleSlope, dataset.RescaleIntercept, dataset.RescaleType = 1, INTERCEPT, "HU"
    dataset.WindowCenter, dataset.WindowWidth = 400, 1800
    dataset.PixelData = (pixels.astype(np.int32) - INTERCEPT).clip(0, 65535).astype("<u2").tobytes()
    return dataset


def set_attribute(dataset: Dataset, keyword: str, value: object) -> None:
    """Set an attribute by keyword; None removes it."""
    if value is None:
        if keyword in dataset:
            delattr(dataset, keyword)
    else:
        setattr(dataset, keyword, value)


def write_file(dataset: FileDataset, path: Path) -> None:
    """Write with the transfer syntax of the file meta; values are written as they stand, valid or not."""
    dataset.save_as(path, enforce_file_format=True)


def write_nifti(path: Path, array: np.ndarray, affine_ras: np.ndarray, *, slope: float = 1.0, intercept: float = 0.0) -> Path:
    """NIfTI-1 of ``array`` as it is; ``affine_ras`` maps an index to RAS mm (NIfTI's convention)."""
    import nibabel

    path.parent.mkdir(parents=True, exist_ok=True)
    image = nibabel.Nifti1Image(array, affine_ras)
    image.header.set_slope_inter(slope, intercept)
    nibabel.save(image, path)
    return path


def write_enhanced_ct(path: Path, hu: np.ndarray, spacing_mm: Sequence[float] = (3.0, 0.8, 0.7), *, legacy: bool = False) -> Path:
    """One multi-frame file of an axial series (foot to head), converted by highdicom from the classic images.

    ``legacy`` leaves it a Legacy Converted Enhanced CT; otherwise it becomes an Enhanced CT (PS3.3 A.38), which has the same
    functional groups.
    """
    import highdicom
    import pydicom
    from pydicom.uid import EnhancedCTImageStorage

    path.parent.mkdir(parents=True, exist_ok=True)
    sources = write_axial_series(path.parent / f"{path.stem}_classic", hu, spacing_mm)
    images = [pydicom.dcmread(source) for source in sources]
    image = highdicom.legacy.LegacyConvertedEnhancedCTImage(
        images, generate_uid(), series_number=2, sop_instance_uid=generate_uid(), instance_number=1
    )
    for source in sources:
        source.unlink()
    sources[0].parent.rmdir()
    if not legacy:
        image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = EnhancedCTImageStorage
    image.save_as(path)
    return path


def bright_cube(
    shape: tuple[int, int, int], start: tuple[int, int, int], size: tuple[int, int, int], hu: int = 1000, around: int = -500
) -> np.ndarray:
    """int16 volume with one bright block; ``start`` is its first voxel, ``size`` its extent in voxels."""
    volume = np.full(shape, around, dtype=np.int16)
    i, j, k = start
    volume[i : i + size[0], j : j + size[1], k : k + size[2]] = hu
    return volume
