"""Reading CT: from files of strangers to regular volumes without patient data. The only place with pydicom and its kin.

The parent process sees ``read_path`` alone; everything that parses runs in a child (``child.py``).
"""

from vfrac_core.dicom.reading import read_path
from vfrac_core.dicom.records import LoadedSeries, Progress, Refusal, no_progress

__all__ = ["LoadedSeries", "Progress", "Refusal", "no_progress", "read_path"]
