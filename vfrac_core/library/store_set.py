"""A training set from the readings in the store: whose readings, which cases, their crops, and the record of it all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from vfrac_core.errors import StoreError, VfracError
from vfrac_core.imaging.roi import default_slices
from vfrac_core.library.cases import CaseLibrary
from vfrac_core.library.cohort_set import kind_of
from vfrac_core.library.crop_cache import CropCache
from vfrac_core.store import (
    REFERENCE,
    Anchor,
    Annotation,
    CaseRecord,
    DataVersion,
    Reading,
    ReadingsAsOf,
    VersionCase,
    readings_as_of,
)
from vfrac_core.training.cases import TrainingCase, TrainingSet, training_set
from vfrac_core.training.reader_choice import ChosenLabel, ReaderChoice, Usable, choose_label, usable_readings
from vfrac_core.types import PixelBox

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class StoreSet:
    """What is learned, and the record by which it can be traced and assembled again: keep that with ``save_data_version``."""

    data: TrainingSet
    version: DataVersion


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A case that is learned from."""

    record: CaseRecord
    patient: str
    label: ChosenLabel

    @property
    def boxes(self) -> Mapping[int, PixelBox]:
        """The used slices, of the stack, and the box on each (protocol.md E13): the marked ones, else five around the box's."""
        reading = self.label.source
        assert reading.slice_index is not None  # a reading without a box is not used
        used = reading.marked_slices or default_slices(reading.slice_index, self.record.slices)
        return {index: box for index in used if (box := reading.box_on(index)) is not None}


def read_store_set(
    library: CaseLibrary, choice: ReaderChoice, *, at: Anchor | None = None, progress: Progress = lambda _done, _of: None
) -> StoreSet:
    """All cases that the chosen readers have read, as the store has them now, or had them when its log ended ``at``.

    A case enters by a reading: one that nobody has read is not learned from, even if its truth is known. Crops are kept under
    ``<data home>/crops/``, so that the next assembly is quick. VfracError where there is nothing to learn from.
    """
    readings = readings_as_of(library.store, at)
    usable = usable_readings(readings.annotations, choice)
    chosen, ties = _choose(readings, usable, choice)
    crops = CropCache(library.store.home / "crops")
    cases = []
    for done, one in enumerate(chosen, start=1):
        cases.append(_case(one, crops, library))
        progress(done, len(chosen))
    data = training_set(cases, kind_of(cases))
    counts = _counts(cases, usable, unread=len(readings.cases) - len(usable.of_case), ties=ties)
    version_cases = tuple(_version_case(one) for one in chosen)
    return StoreSet(data, DataVersion(data.sha256, readings.anchor, data.kind, asdict(choice), counts, version_cases))


def assemble_again(library: CaseLibrary, version: DataVersion, progress: Progress = lambda _done, _of: None) -> StoreSet:
    """The same set from the readings as they stood then. StoreError, one line, where it is not the same to the last bit."""
    again = read_store_set(library, choice_of(version.choice), at=version.anchor, progress=progress)
    if again.data.sha256 != version.sha256:
        raise StoreError(
            f"the data version {version.sha256[:8]} does not come out the same again; it was made by another version of this "
            "program, or the store is not the one that it was read from; read the store anew"
        )
    return again


def choice_of(kept: Mapping[str, Any]) -> ReaderChoice:
    """The inverse of the data version's ``choice``; StoreError for one of a later program."""
    try:
        return ReaderChoice(**kept)
    except (TypeError, VfracError):
        raise StoreError("the data version was made by a newer vfrac; update this program, or read the store anew") from None


def _choose(readings: ReadingsAsOf, usable: Usable, choice: ReaderChoice) -> tuple[list[_Chosen], int]:
    """The cases in the order of their ids; and how many have no class, because as many readers are for as against."""
    references = {one.case_id: one.reading for one in readings.annotations if _is_reference(one)}
    chosen, ties = [], 0
    for case_id in sorted(usable.of_case):
        label = choose_label(usable.of_case[case_id], references.get(case_id), readings.years, choice)
        if label.malignant is None:
            ties += 1
            continue
        chosen.append(_Chosen(readings.cases[case_id], readings.patients.get(case_id, case_id), label))
    return chosen, ties


def _is_reference(one: Annotation) -> bool:
    return one.reader_id == REFERENCE and one.study_id == REFERENCE and one.submitted_at is not None


def _case(one: _Chosen, crops: CropCache, library: CaseLibrary) -> TrainingCase:
    crop = crops.get(one.record, _box(one.label.source), one.boxes, lambda: library.stack(one.record.case_id))
    return TrainingCase(
        case=one.record.case_id,
        patient=one.patient,
        hu=crop.hu,
        spacing_mm=crop.spacing_mm,
        slices=crop.slices,
        stack_slices=tuple(one.boxes),
        boxes=crop.boxes,
        malignant=one.label.malignant,
        signs=one.label.signs,
        label=one.label.label,
        synthetic=one.record.info.synthetic,
    )


def _box(reading: Reading) -> PixelBox:
    assert reading.box is not None  # a reading without a box is not used
    return reading.box


def _version_case(one: _Chosen) -> VersionCase:
    return VersionCase(one.record.case_id, one.patient, one.label.malignant, one.label.label, one.boxes)


def _counts(cases: list[TrainingCase], usable: Usable, *, unread: int, ties: int) -> dict[str, int]:
    """What is in it; then readings and cases that are not, and why."""
    classes = Counter(case.malignant for case in cases)
    return {
        "cases": len(cases),
        "patients": len({case.patient for case in cases}),
        "malignant": classes[True],
        "benign": classes[False],
        "slices": sum(len(case.slices) for case in cases),
        **{f"readings_left_out_{reason}": count for reason, count in usable.left_out.items()},
        "cases_without_a_usable_reading": unread,
        "cases_left_out_tie": ties,
    }
