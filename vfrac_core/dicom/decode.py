"""Pixels of one file: read or decoded by the pinned plugin, rescaled to Hounsfield units, straight into the volume's array."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int16, Integer
from pydicom.dataset import Dataset
from pydicom.pixels import get_decoder

from vfrac_core.dicom import native
from vfrac_core.dicom.frame import Frame
from vfrac_core.dicom.header import Header
from vfrac_core.dicom.image_file import parse_pixels
from vfrac_core.dicom.syntaxes import PLUGINS
from vfrac_core.errors import UnreadableSeriesError
from vfrac_core.settings import Limits

Stored = Integer[np.ndarray, "row column"]
SliceHu = Int16[np.ndarray, "row column"]

# Marks padding until the lowest real value of the whole series is known. Real values are clipped above it.
PADDED_HU = -32768
LOWEST_HU, HIGHEST_HU = -32767, 32767


@dataclass(frozen=True, slots=True)
class SliceStats:
    """What decoding one slice found: its lowest real value (None if all is padding), padded and clipped voxels."""

    lowest_hu: int | None
    padded: int
    clipped: int


def decode_file(header: Header, targets: Sequence[tuple[Frame, SliceHu]], limits: Limits) -> list[SliceStats]:
    """Decode the asked frames of one file, each into its own slice of the volume.

    Raises UnreadableSeriesError in our own words for whatever is wrong with the pixels: decoders fail in a dozen ways,
    and what they say quotes the file.
    """
    try:
        with header.file.open() as stream:
            if native.applies(header):
                return [_to_hu(native.read_into(out, stream, header, frame.index), header, frame, out) for frame, out in targets]
            dataset = parse_pixels(stream, header.pixels, limits)
        if "PixelData" not in dataset:
            raise UnreadableSeriesError("no pixel data in it; export the series with its images")
        if not PLUGINS[header.syntax]:
            native.check_length(header, len(dataset.PixelData))
        return [_to_hu(_decoded(header, dataset, frame.index), header, frame, out) for frame, out in targets]
    except UnreadableSeriesError:
        raise
    except Exception as error:  # noqa: BLE001 - decoders fail in a dozen ways, and what they say quotes the file
        raise UnreadableSeriesError(f"the pixels cannot be decoded ({type(error).__name__}); copy the series again") from None


def _decoded(header: Header, dataset: Dataset, index: int) -> Stored:
    """By the pinned plugin. A codestream may hold a picture of another size than the header says."""
    dataset.update(header.dataset)  # the decoder wants what says how the pixels are stored
    decoder = get_decoder(header.syntax)
    stored, _ = decoder.as_array(dataset, index=index, raw=True, decoding_plugin=PLUGINS[header.syntax])
    if stored.shape != (header.rows, header.columns) or stored.dtype.kind not in "iu":
        raise UnreadableSeriesError("the picture in it has another size than the header says; copy the series again")
    return stored


def _stored_bits(stored: Stored, header: Header) -> Stored:
    """Sign and unused high bits put right (PS3.5 section 8.1.1; overlays used to lie in them)."""
    unused = stored.dtype.itemsize * 8 - int(header.dataset.BitsStored)
    if unused <= 0:
        return stored
    native = stored.astype(stored.dtype.newbyteorder("="), copy=False)
    signed = native.view(f"{'i' if header.dataset.PixelRepresentation else 'u'}{native.dtype.itemsize}")
    return (signed << unused) >> unused


def _to_hu(stored: Stored, header: Header, frame: Frame, out: SliceHu) -> SliceStats:
    """Rescale into ``out`` (PS3.3 C.11.1.1.2), which may be the memory of ``stored`` itself.

    Slope 1 stays in integers: where the ends fit into 16 bits, a sum modulo 2^16 is exact. Anything else is rounded.
    """
    stored = _stored_bits(stored, header)
    padding = _padding(stored, header.dataset)
    real = stored if padding is None else stored[~padding]
    if not real.size:
        out[...] = PADDED_HU
        return SliceStats(None, padded=stored.size, clipped=0)
    low, high = sorted(int(end) * frame.slope + frame.intercept for end in (real.min(), real.max()))
    clipped = 0
    if frame.slope == 1 and frame.intercept.is_integer() and low >= LOWEST_HU and high <= HIGHEST_HU:
        np.add(stored.astype(np.int16, copy=False), np.int64(frame.intercept).astype(np.int16), out=out)
    else:
        values = np.rint(real * frame.slope + frame.intercept)
        clipped = int(((values < LOWEST_HU) | (values > HIGHEST_HU)).sum())
        out[...] = np.rint(stored * frame.slope + frame.intercept).clip(LOWEST_HU, HIGHEST_HU)
    if padding is not None:
        out[padding] = PADDED_HU
    return SliceStats(max(round(low), LOWEST_HU), padded=stored.size - real.size, clipped=clipped)


def _padding(stored: Stored, dataset: Dataset) -> np.ndarray | None:
    """Where the stored value is Pixel Padding Value, or lies between it and the Range Limit (PS3.3 C.7.5.1.1.2)."""
    ends = [_as_stored(dataset.get(k), dataset) for k in ("PixelPaddingValue", "PixelPaddingRangeLimit")]
    if ends[0] is None:
        return None
    first, last = sorted((ends[0], ends[0] if ends[1] is None else ends[1]))
    where = (stored >= first) & (stored <= last) if first != last else stored == first
    return where if where.any() else None


def _as_stored(value: Any, dataset: Dataset) -> int | None:
    """The padding value as a pixel has it: some writers give 63536 where signed pixels hold -2000."""
    if not isinstance(value, int):
        return None
    bits = int(dataset.BitsStored)
    value &= (1 << bits) - 1
    return value - (1 << bits) if dataset.PixelRepresentation and value >> (bits - 1) else value
