"""What a browser or a program may send us, checked at the door. Refusals name the field and never quote its content."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal, TypeVar, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from vfrac_core.errors import StoreError, VfracError
from vfrac_core.model.cam_request import CAM_TARGETS
from vfrac_core.store import BodyHeights, Reading
from vfrac_core.store.export import Format
from vfrac_core.store.records import HEIGHT_POINTS
from vfrac_core.store.registry import MAX_YEARS
from vfrac_core.types import PixelBox

EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)  # a browser whose clock stands before or after these is not believed
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
MAX_STRIP_SLICES = 21  # decision 13: one request for the strip, at most 21 slices
MAX_NEARBY_BOXES = 5  # as many crops as a released box needs: nobody's live box waits longer for these than for another reader

SliceIndex = Annotated[int, Field(ge=0, lt=100_000)]
Pixel = Annotated[int, Field(ge=-100_000, le=100_000)]
Box = tuple[Pixel, Pixel, Pixel, Pixel]
SliceIndexText = Annotated[str, Field(pattern=r"^[0-9]{1,5}$")]  # keys of a JSON object are text
Mm = Annotated[float, Field(ge=-100_000, le=100_000)]
MmBox = tuple[Mm, Mm, Mm, Mm]
Place = Annotated[float, Field(ge=-100_000, le=100_000)]
Body = Annotated[tuple[tuple[Place, Place], ...], Field(min_length=HEIGHT_POINTS, max_length=HEIGHT_POINTS)]
CamTarget = Annotated[str, Field(pattern=f"^({'|'.join(CAM_TARGETS)})$")]
SaveId = Annotated[str, Field(pattern=r"^[0-9a-fA-F-]{16,64}$")]
SignAnswer = Literal["absent", "present", "not_assessable"]


class _Payload(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class CamPayload(_Payload):
    target: CamTarget = "malignant"
    layer: Literal["layer3", "layer4"] = "layer4"
    method: Literal["fused", "gradcam", "gradcam++", "layercam", "eigencam", "hirescam"] = "gradcam"


class PredictPayload(_Payload):
    slice: SliceIndex
    box: Box
    slices: Annotated[list[SliceIndex], Field(min_length=1, max_length=MAX_STRIP_SLICES)]
    cam: CamPayload = CamPayload()
    slice_boxes: Annotated[dict[SliceIndexText, Box], Field(max_length=MAX_STRIP_SLICES)] = {}
    seq: int = 0


class NearbyPayload(_Payload):
    slice: SliceIndex
    boxes_mm: Annotated[list[MmBox], Field(min_length=1, max_length=MAX_NEARBY_BOXES)]


class ReaderPayload(_Payload):
    display_name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    years_experience: Annotated[float, Field(ge=0, le=MAX_YEARS)]


class HeightsPayload(_Payload):
    slice_index: SliceIndex
    worst: Body
    above: Body | None = None
    below: Body | None = None

    def record(self) -> BodyHeights:
        """As the store's record."""
        return BodyHeights(self.slice_index, self.worst, self.above, self.below)


class ReadingPayload(_Payload):
    vertebral_level: str | None = None
    slice_index: SliceIndex | None = None
    box: Box | None = None
    marked_slices: Annotated[list[SliceIndex], Field(max_length=200)] = []
    signs: dict[str, SignAnswer] = {}
    diagnosis: Literal["benign", "malignant"] | None = None
    confidence: Annotated[int, Field(ge=1, le=5)] | None = None
    comment: Annotated[str, Field(max_length=20_000)] = ""
    slice_boxes: Annotated[dict[SliceIndexText, Box], Field(max_length=200)] = {}
    heights: HeightsPayload | None = None
    flagged: bool = False

    def reading(self) -> Reading:
        """As the store's record; VfracError where a value is not one that the store knows (the reader's mistake, not its)."""
        try:
            return Reading(
                vertebral_level=self.vertebral_level,
                slice_index=self.slice_index,
                box=None if self.box is None else PixelBox(*self.box),
                marked_slices=tuple(self.marked_slices),
                signs=self.signs,
                diagnosis=self.diagnosis,
                confidence=self.confidence,
                comment=self.comment,
                slice_boxes={int(index): PixelBox(*box) for index, box in self.slice_boxes.items()},
                heights=None if self.heights is None else self.heights.record(),
                flagged=self.flagged,
            )
        except StoreError as wrong:
            raise VfracError(str(wrong)) from None


class SavePayload(_Payload):
    save_id: SaveId
    reading: ReadingPayload
    ai_visible: bool = False
    answer_visible: bool = False
    started_at: Annotated[AwareDatetime, Field(strict=False, gt=EARLIEST, lt=LATEST)] | None = None
    reason: Annotated[str, Field(max_length=2000)] | None = None


class AiShownPayload(_Payload):
    save_id: SaveId


PayloadT = TypeVar("PayloadT", bound=_Payload)


def parse(model: type[PayloadT], body: bytes | str) -> PayloadT:
    """The payload, or one line that names the first field that is wrong."""
    try:
        return model.model_validate_json(body)
    except ValidationError as wrong:
        first = wrong.errors(include_input=False, include_url=False, include_context=False)[0]
        known = {name for name in model.model_fields}
        where = ".".join(str(part) for part in first["loc"][:1] if part in known) or "its form"
    except RecursionError:
        where = "its form"
    raise VfracError(
        f"the request was not understood: {where} is missing or not as expected; a page that sent it has to be reloaded"
    )


def export_format(text: str) -> Format:
    """The format's name, if the store can write it."""
    known: dict[str, Format] = {form: form for form in get_args(Format)}
    if text not in known:
        raise VfracError(f"unknown export format; expected one of {', '.join(known)}")
    return known[text]
