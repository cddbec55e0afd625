"""The allow-list: all that leaves the child about a patient or a scanner. Everything else of a header stays behind.

DICOM PS3.15 Annex E (Basic Application Level Confidentiality Profile), stricter: nothing is removed, little is copied.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import re
from collections.abc import Sequence
from typing import Final, Literal

from pydicom.dataset import Dataset

from vfrac_core.dicom.header import Header
from vfrac_core.dicom.syntaxes import LOSSY
from vfrac_core.types import Plane, SeriesInfo

SYNTHETIC_MANUFACTURER: Final = "vfrac phantom"
OTHER: Final = "other"
HIDDEN_AGE: Final = 90  # HIPAA safe harbour, 45 CFR 164.514(b)(2)(i)(C)

# Kernel and model are free text on some scanners, and a pattern alone would let a surname pass: so only known words do,
# and short codes with a digit in them.
KNOWN_MANUFACTURERS: Final = (
    *(SYNTHETIC_MANUFACTURER, "SIEMENS", "Siemens Healthineers", "GE MEDICAL SYSTEMS", "GE Healthcare", "Philips"),
    *("Philips Medical Systems", "Philips Healthcare", "TOSHIBA", "TOSHIBA_MEC", "Canon", "CANON_MEC", "Canon Medical Systems"),
    *("Hitachi", "Hitachi Medical Corporation", "FUJIFILM", "FUJIFILM Healthcare Corporation", "UIH", "United Imaging"),
    *("NMS", "Neusoft", "Neusoft Medical Systems", "Shimadzu", "MinFound", "Samsung", "NeuroLogica", "Elscint", "Picker"),
)
_WORDS: Final = """
    somatom definition flash edge force drive as as+ sensation emotion perspective spirit scope balance volume zoom
    confidence go.up go.now go.all go.top go.sim go.open go.fit x.cite x.ceed naeotom alpha peak pro biograph mct vision
    horizon symbia lightspeed brightspeed optima revolution discovery hd hispeed prospeed ultra vct plus evo apex maxima
    frontier ascend act qx/i rt ct ct/i pet/ct brilliance ingenuity incisive iqon spectral ict mx access elite core big
    bore gemini tf vereos precedence aquilion one prime sp lb genesis vision precision exceed asteion activion alexion
    lightning start cx multi scenaria supria view eclos presto pratico neuviz prime epoch glory extra dual uct umi bodytom
    ceretom standard soft bone boneplus lung detail edge chest sharp smooth medium ultrasharp body brain head phantom
"""
KNOWN_WORDS: Final = frozenset(_WORDS.split())
CODE: Final = re.compile(r"(?=.*\d)(?!.*\d{5})[A-Za-z]{0,3}[0-9]{1,4}[A-Za-z]{0,2}")


def series_info(header: Header, plane: Plane, notes: Sequence[str]) -> SeriesInfo:
    """What is kept of a series, from the header of its first slice. A value that is missing or odd becomes None."""
    data = header.dataset
    lossy = header.syntax in LOSSY or str(data.get("LossyImageCompression", "")).strip() == "01"
    manufacturer = _text(data, "Manufacturer")
    return SeriesInfo(
        plane=plane,
        synthetic=manufacturer == SYNTHETIC_MANUFACTURER,
        lossy=lossy,
        window_center_hu=_number(data, "WindowCenter", -32768.0, 32767.0),
        window_width_hu=_number(data, "WindowWidth", 1.0, 65535.0),
        sex=_sex(_text(data, "PatientSex")),
        age_years=_age(_text(data, "PatientAge")),
        kvp=_number(data, "KVP", 10.0, 400.0),
        slice_thickness_mm=_number(data, "SliceThickness", 0.01, 100.0),
        kernel=_known_words(_text(data, "ConvolutionKernel")),
        manufacturer=_manufacturer(manufacturer),
        model=_known_words(_text(data, "ManufacturerModelName")),
        notes=(*notes, "the images were compressed with loss") if lossy else tuple(notes),
    )


def keyed_id(secret: bytes, content: bytes) -> str:
    """HMAC-SHA-256 of what names a series, 12 hexadecimal characters. Without a key a UID could be looked up."""
    return new_keyed_id(secret, content).hexdigest()[:CASE_ID_LENGTH]


def new_keyed_id(secret: bytes, content: bytes = b"") -> hmac.HMAC:
    """The running hash, for content that comes in pieces."""
    return hmac.new(secret, content, hashlib.sha256)


CASE_ID_LENGTH: Final = 12


def _first(data: Dataset, keyword: str) -> object:
    try:
        value = data.get(keyword)
    except Exception:  # noqa: BLE001 - a value that cannot be converted is as good as none, and the error quotes it
        return None
    return next(iter(value), None) if isinstance(value, Sequence) and not isinstance(value, str) else value


def _text(data: Dataset, keyword: str) -> str | None:
    value = _first(data, keyword)
    return str(value).strip() or None if value is not None else None


def _number(data: Dataset, keyword: str, low: float, high: float) -> float | None:
    try:
        value = float(str(_first(data, keyword)))
    except ValueError:
        return None
    return value if math.isfinite(value) and low <= value <= high else None


def _sex(text: str | None) -> Literal["M", "F", "O"] | None:
    known: dict[str | None, Literal["M", "F", "O"]] = {"M": "M", "F": "F", "O": "O"}
    return known.get(text)


def _age(text: str | None) -> str | None:
    """Age String, PS3.5 section 6.2: "071Y", "018M", "003W", "010D". Never from the birth date."""
    match = re.fullmatch(r"(\d{3})([DWMY])", text or "")
    if not match:
        return None
    years = int(match[1]) // {"D": 366, "W": 53, "M": 12, "Y": 1}[match[2]]
    return f"{HIDDEN_AGE}+" if years >= HIDDEN_AGE else str(years)


def _manufacturer(text: str | None) -> str | None:
    known = {name.lower() for name in KNOWN_MANUFACTURERS}
    return text if text is None or text.lower() in known else OTHER


def _known_words(text: str | None) -> str | None:
    if text is None:
        return None
    words = text.split()
    known = len(text) <= 32 and all(word.lower() in KNOWN_WORDS or CODE.fullmatch(word) for word in words)
    return " ".join(words) if known else OTHER
