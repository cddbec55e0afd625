"""What every test may use. Nothing here starts a server or loads torch."""

import os

import pytest
from hypothesis import settings

# A property is about values; on a busy machine a single example may take any time.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


@pytest.fixture(scope="session", autouse=True)
def _untrained(tmp_path_factory: pytest.TempPathFactory) -> None:
    """An empty weights folder for this process and those that it starts: tests of the program are not tests of the weights that
    ship today. Those have their own: test_shipped_weights.py, test_shipped_answers.py."""
    os.environ["VFRAC_WEIGHTS"] = str(tmp_path_factory.mktemp("no-weights"))
