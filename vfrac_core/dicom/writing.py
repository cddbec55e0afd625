"""A synthetic volume as a genuine axial CT series: CT Image Storage (PS3.3 A.3), explicit little endian, one file a slice.

Only for images made by code: nothing here takes a patient's name out. Every file says SYNTHETIC where a viewer shows it, and
the same volume under the same key gives the same bytes, in any process.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian
from pydicom.valuerep import format_number_as_ds

from vfrac_core.dicom.deidentify import SYNTHETIC_MANUFACTURER
from vfrac_core.types import CtVolume, Hu3d

Stored = Literal["unsigned", "signed"]  # how HU lie in the file: from -1024 on as most scanners write them, or as they are

INTERCEPT: Final = {"unsigned": -1024, "signed": 0}
DESCRIPTION: Final = "SYNTHETIC phantom, not a patient"
BONE_WINDOW: Final = (400.0, 1800.0)  # center and width in HU; what a viewer shows first where the volume names none
DATE, TIME = "20200101", "120000"  # fixed: a clock would make other bytes
UID_SPACE: Final = uuid.UUID("6f1b7e0c-5d0e-5b9a-9c1e-1d5b7a1c0f43")  # of our hashed UIDs; any fixed UUID would do
IMPLEMENTATION: Final = UID(f"2.25.{uuid.uuid5(UID_SPACE, 'implementation').int}")


@dataclass(frozen=True, slots=True)
class SeriesName:
    """``key`` names all that decides the pixels: its hashes are the UIDs. ``number`` is what a person sees: SYNTHETIC^0001."""

    key: str
    number: int

    def uid(self, part: str) -> UID:
        """2.25 and a hash as a number (PS3.5 B.2): unique without a registered root, the same for the same key."""
        return UID(f"2.25.{uuid.uuid5(UID_SPACE, f'{self.key}/{part}').int}")


def write_axial_series(
    volume: CtVolume, folder: Path, name: SeriesName, *, stored: Stored = "unsigned", software: str = ""
) -> list[Path]:
    """Write ``volume`` into ``folder`` as slice0001.dcm and so on, in its own order of slices; returns their paths.

    ``software`` is the generator and its version. HU below -1024 need ``stored`` "signed".
    """
    assert volume.info.synthetic, "only synthetic volumes are written: nothing is taken out of a patient's"
    folder.mkdir(parents=True, exist_ok=True)
    common = _series(volume, name, stored, software)
    paths = []
    for index, pixels in enumerate(_stored_pixels(volume.hu, stored)):
        paths.append(folder / f"slice{index + 1:04d}.dcm")
        position = volume.affine[:3] @ (index, 0.0, 0.0, 1.0)
        _slice(common, name, index, position, pixels).save_as(paths[-1], enforce_file_format=True)
    return paths


def _series(volume: CtVolume, name: SeriesName, stored: Stored, software: str) -> Dataset:
    """What all slices share, by module of PS3.3 Table A.3-1."""
    data = Dataset()
    _patient_and_study(data, volume, name)
    info, spacing = volume.info, volume.spacing_mm
    # General Series, Frame of Reference, General Equipment
    data.Modality, data.SeriesNumber, data.SeriesInstanceUID = "CT", 1, name.uid("series")
    data.SeriesDate, data.SeriesTime, data.SeriesDescription = DATE, TIME, DESCRIPTION
    data.PatientPosition, data.BodyPartExamined = "HFS", "SPINE"
    data.FrameOfReferenceUID, data.PositionReferenceIndicator = name.uid("frame of reference"), ""
    data.Manufacturer = SYNTHETIC_MANUFACTURER
    if software:
        data.SoftwareVersions = software
    # General Acquisition, General Image, CT Image
    data.AcquisitionNumber, data.AcquisitionDate, data.AcquisitionTime = 1, DATE, TIME
    data.ContentDate, data.ContentTime = DATE, TIME
    data.ImageType, data.DerivationDescription = ["DERIVED", "SECONDARY", "AXIAL"], "computed from a model of the spine"
    data.BurnedInAnnotation, data.LossyImageCompression, data.ContentQualification = "NO", "00", "RESEARCH"
    data.KVP, data.ConvolutionKernel = _ds(info.kvp or 120.0), info.kernel or "phantom"
    # Image Plane
    rows, columns = volume.hu.shape[1:]
    data.PixelSpacing = [_ds(spacing.row), _ds(spacing.column)]
    data.ImageOrientationPatient = [_ds(v) for axis in (2, 1) for v in volume.affine[:3, axis] / spacing[axis]]
    data.SliceThickness = _ds(info.slice_thickness_mm or spacing.slice)
    data.SpacingBetweenSlices = _ds(spacing.slice)
    # Image Pixel, Modality LUT, VOI LUT
    data.SamplesPerPixel, data.PhotometricInterpretation, data.Rows, data.Columns = 1, "MONOCHROME2", rows, columns
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, int(stored == "signed")
    data.RescaleIntercept, data.RescaleSlope, data.RescaleType = INTERCEPT[stored], 1, "HU"
    data.WindowCenter = _ds(BONE_WINDOW[0] if info.window_center_hu is None else info.window_center_hu)
    data.WindowWidth = _ds(BONE_WINDOW[1] if info.window_width_hu is None else info.window_width_hu)
    return data


def _patient_and_study(data: Dataset, volume: CtVolume, name: SeriesName) -> None:
    data.PatientName, data.PatientID = f"SYNTHETIC^{name.number:04d}", f"SYNTHETIC-{name.number:04d}"
    data.PatientBirthDate, data.PatientSex = "", volume.info.sex or ""
    if volume.info.age_years is not None:
        data.PatientAge = f"{int(volume.info.age_years.rstrip('+')):03d}Y"
    data.PatientIdentityRemoved, data.DeidentificationMethod = "YES", "no patient: images made by code"
    data.StudyInstanceUID, data.StudyID, data.StudyDescription = name.uid("study"), str(name.number), DESCRIPTION
    data.StudyDate, data.StudyTime, data.ReferringPhysicianName, data.AccessionNumber = DATE, TIME, "", ""


def _stored_pixels(hu: Hu3d, stored: Stored) -> np.ndarray:
    pixels = hu.astype(np.int32) - INTERCEPT[stored]
    assert stored == "signed" or pixels.min() >= 0
    return pixels.astype("<i2" if stored == "signed" else "<u2")


def _slice(common: Dataset, name: SeriesName, index: int, position_mm: np.ndarray, pixels: np.ndarray) -> FileDataset:
    """One file. pydicom's own implementation UID would change with pydicom."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CTImageStorage, name.uid(f"slice {index}")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID, meta.ImplementationVersionName = IMPLEMENTATION, "VFRAC"
    data = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    data.update(common)
    data.SOPClassUID, data.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    data.InstanceNumber = index + 1
    data.ImagePositionPatient = [_ds(v) for v in position_mm]
    data.SliceLocation = _ds(position_mm[2])
    data.PixelData = pixels.tobytes()
    return data


def _ds(value: float) -> str:
    """Decimal String, PS3.5 section 6.2: 16 characters at most, so a position is exact to a millionth of a micrometre."""
    return format_number_as_ds(float(value) + 0.0)  # no minus before a zero
