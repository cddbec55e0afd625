"""The child's own code, run inside the test process: exact and fast. The child itself has its own tests."""

from __future__ import annotations

import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from pydicom import config

from vfrac_core.dicom import LoadedSeries, Refusal
from vfrac_core.dicom.child import run_job
from vfrac_core.dicom.messages import Job, Loaded, Message, Refused, decode, encode
from vfrac_core.settings import Limits
from vfrac_core.types import CtVolume

SECRET = b"s" * 32


def read_here(path: Path, limits: Limits | None = None, secret: bytes = SECRET) -> list[LoadedSeries | Refusal]:
    """What ``read_path`` yields, without a child; every message goes through its JSON form."""
    results: list[LoadedSeries | Refusal] = []
    with TemporaryDirectory() as folder:

        def send(message: Message) -> None:
            match decode(encode(message)):
                case Refused(path, position, reason):
                    results.append(Refusal(path, position, reason))
                case Loaded() as loaded:
                    hu = np.load(Path(folder) / loaded.file)
                    volume = CtVolume(hu, loaded.affine_array(), loaded.series_info())
                    results.append(LoadedSeries(loaded.case_id, volume, loaded.source))

        mode = config.settings.reading_validation_mode
        config.settings.reading_validation_mode = config.IGNORE
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                job = Job(str(path), secret.hex(), folder, 0, limits or Limits())
                run_job(job, send, wait=lambda: None, renew=lambda: None)
        finally:
            config.settings.reading_validation_mode = mode
    return results


def one_volume(results: list[LoadedSeries | Refusal]) -> LoadedSeries:
    """The one series that must have come out, with no refusal beside it."""
    assert len(results) == 1, results
    assert isinstance(results[0], LoadedSeries), results
    return results[0]


def one_reason(results: list[LoadedSeries | Refusal]) -> str:
    """The reason of the one refusal that must have come out; it is one line."""
    assert len(results) == 1, results
    assert isinstance(results[0], Refusal), results
    assert "\n" not in results[0].reason
    return results[0].reason
