"""A series of 1,000 axial slices of 512 × 512 imports within the limits on the child that reads it. ``-s`` prints the figures."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from dicom_files import write_axial_series

from vfrac_core.settings import Limits

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

IMPORT = """
import json, resource, sys, time
from pathlib import Path
from vfrac_core.library.cases import CaseLibrary
from vfrac_core.library.importing import import_path
from vfrac_core.settings import Limits
from vfrac_core.store import AnnotationStore, VolumeLibrary

home = Path(sys.argv[2])
home.mkdir()
begun = time.monotonic()
with AnnotationStore(home) as store:
    library = CaseLibrary(store, VolumeLibrary(home), secret=b"k" * 32, cache_bytes=0)
    found = list(import_path(Path(sys.argv[1]), library, secret=b"k" * 32, limits=Limits()))
child, own = (resource.getrusage(who) for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF))
print(json.dumps({
    "cases": [[one.record.slices, one.record.rows, one.record.columns] for one in found if hasattr(one, "record")],
    "refused": [one.reason for one in found if hasattr(one, "reason")],
    "seconds": time.monotonic() - begun,
    "child_cpu_s": child.ru_utime + child.ru_stime,
    "child_rss_mb": child.ru_maxrss * 1024 / 1e6,
    "own_rss_mb": own.ru_maxrss * 1024 / 1e6,
}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a child's memory is counted in kB on Linux only")
def test_a_thousand_slices_import_within_the_limits_of_the_child(tmp_path: Path) -> None:
    hu = np.empty((1000, 512, 512), np.int16)
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 20, (512, 1024))
    for index in range(1000):
        hu[index] = noise[:, index % 512 : index % 512 + 512] + index
    write_axial_series(tmp_path / "series", hu, (0.6, 0.7, 0.7))
    del hu
    told = subprocess.run(
        [sys.executable, "-c", IMPORT, str(tmp_path / "series"), str(tmp_path / "home")],
        capture_output=True,
        text=True,
        check=True,
    )
    figures = json.loads(told.stdout)
    print(f"\n1,000 × 512 × 512 (524 MB): {figures}")
    limits = Limits()
    assert figures["refused"] == []
    assert figures["cases"] == [[119, 1000, 512]]  # 358.4 mm are 119 slabs
    assert figures["seconds"] < limits.child_wall_seconds
    assert figures["child_cpu_s"] < limits.child_cpu_seconds
    assert figures["child_rss_mb"] * 1e6 < limits.child_memory_bytes
