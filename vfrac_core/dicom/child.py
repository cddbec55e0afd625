"""The child process: the only place where headers are parsed and pixels decoded. ``python -m vfrac_core.dicom.child``.

It gets a job on standard input, answers in lines of JSON and leaves pixels in the job's folder. It limits itself, because
a file of 200 bytes can ask a decoder for 3.5 GB, and a flipped bit can end the process.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

from pydicom import config

from vfrac_core.dicom.deidentify import keyed_id
from vfrac_core.dicom.messages import At, Begun, Done, Headers, Job, Loaded, Message, Refused, decode_job, encode
from vfrac_core.dicom.series import NiftiSeries, Series, common_position, read_series, refuse_files
from vfrac_core.dicom.sources import SourceFile, list_files
from vfrac_core.dicom.volume import load_ct_volume
from vfrac_core.errors import VfracError
from vfrac_core.settings import Limits
from vfrac_core.types import CtVolume

Send = Callable[[Message], None]
Wait = Callable[[], None]
Renew = Callable[[], None]

HEADER_SHARE = 0.2  # of the progress bar
RENEW_AFTER_FILES = 1000


def main() -> None:
    """Take the job, do it, end. Decoders written in C print: what they print is thrown away, it may quote the file."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    job = decode_job(sys.stdin.buffer.readline())
    limit_memory(job.limits)
    prepare_pydicom()

    def send(message: Message) -> None:
        answers.write(encode(message))

    def wait() -> None:
        if not sys.stdin.buffer.readline():
            sys.exit(1)  # the parent is gone

    run_job(job, send, wait, partial(renew_cpu, job.limits))


def run_job(job: Job, send: Send, wait: Wait, renew: Renew) -> None:
    """Read headers, then one series after the other; ``wait`` between them, so that one volume lies in the folder at most.

    ``renew`` gives each piece of work its seconds of computing.
    """
    renew()
    path = Path(job.path)
    try:
        files = list_files(path, job.limits)
        found = read_series(files, job.limits, _header_step(files, send, renew))
    except VfracError as refused:
        send(Refused(path.name, None, str(refused)))
        send(Headers(0))
        return
    if job.first_series == 0:
        for refusal in found.refusals:
            send(Refused(refusal.path, refusal.position, refusal.reason))
    send(Headers(len(found.series)))
    for index in range(job.first_series, len(found.series)):
        wait()
        renew()
        _run_series(job, found.series[index], index, len(found.series), send)
        send(Done())


def _run_series(job: Job, series: Series | NiftiSeries, index: int, count: int, send: Send) -> None:
    files = [series.file] if isinstance(series, NiftiSeries) else [header.file for header in series.headers]
    source = series.file.path if isinstance(series, NiftiSeries) else series.source
    send(Begun(index, source, common_position(files)))
    target = Path(job.folder) / f"{index}.npy"
    step = _series_step(len(files), index, count, send)
    try:
        volume, case_id = _load(job, series, target, step, send)
    except VfracError as refused:
        send(Refused(source, common_position(files), str(refused)))
        return
    send(Loaded(case_id, source, target.name, volume.affine.tolist(), asdict(volume.info)))


def _load(
    job: Job, series: Series | NiftiSeries, target: Path, step: Callable[[SourceFile], None], send: Send
) -> tuple[CtVolume, str]:
    if isinstance(series, NiftiSeries):
        from vfrac_core.dicom.nifti import load_nifti  # nibabel takes as long to import as a hundred headers to read

        return load_nifti(series, bytes.fromhex(job.secret), job.limits, target, step)
    volume, kept = load_ct_volume(series, job.limits, target, step)
    known = {skipped.file.number for skipped in series.skipped}
    for refusal in refuse_files([skipped for skipped in kept.skipped if skipped.file.number not in known]):
        send(Refused(refusal.path, refusal.position, refusal.reason))
    content = kept.uid.encode() or volume.hu.tobytes()
    return volume, keyed_id(bytes.fromhex(job.secret), content)


def _header_step(files: list[SourceFile], send: Send, renew: Renew) -> Callable[[SourceFile], None]:
    def step(file: SourceFile) -> None:
        renewed = file.number % RENEW_AFTER_FILES == 0
        if renewed:
            renew()
        send(At(HEADER_SHARE * (file.number - 1) / len(files), "reading headers", file.position, renewed))

    return step


def _series_step(files: int, index: int, count: int, send: Send) -> Callable[[SourceFile], None]:
    begun = iter(range(1_000_000_000))

    def step(file: SourceFile) -> None:
        done = (index + min(next(begun) / files, 1.0)) / count
        send(At(HEADER_SHARE + (1 - HEADER_SHARE) * done, f"reading series {index + 1} of {count}", file.position))

    return step


def prepare_pydicom() -> None:
    """Silence: pydicom's warnings and its validation quote values of the header."""
    config.settings.reading_validation_mode = config.IGNORE
    warnings.simplefilter("ignore")


def limit_memory(limits: Limits) -> None:
    """Address space, where the system can limit it (not on Windows: there the parent's clock alone guards)."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (limits.child_memory_bytes, limits.child_memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the patient's header


def renew_cpu(limits: Limits) -> None:
    """Give the next piece of work its seconds of computing, counted from now."""
    try:
        import resource
    except ImportError:
        return
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime) + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (used + limits.child_cpu_seconds, hard))


if __name__ == "__main__":
    main()
