"""Judge the synthetic cohort and write docs/phantom-study.md: can it be learned, does anything but the signs say the class?

    python scripts/phantom_study.py                 everything, about two hours on two cores
    python scripts/phantom_study.py learn ranks     some parts; the others keep their figures
    python scripts/phantom_study.py --small         a few cases of each, printed only, to find faults early

Cases are kept in the system's temporary folder (VFRAC_STUDY_CACHE) under the generator's source; a run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from phantom_bench.cases import generator_version, knobs
from phantom_bench.parts import PARTS
from phantom_bench.report import markdown
from phantom_bench.size import Size

from vfrac_core.phantom.spec import DEFAULT_DIFFICULTY, GENERATOR

FIGURES, PAGE = ROOT / "docs" / "phantom-study.json", ROOT / "docs" / "phantom-study.md"


def main() -> None:
    asked = _arguments()
    size = Size.small() if asked.small else Size()
    figures: dict[str, Any] = json.loads(FIGURES.read_text()) if FIGURES.exists() and not asked.small else {}
    for name in asked.parts or list(PARTS):
        say(f"{name}: {PARTS[name].__doc__.strip().splitlines()[0]}")
        figures[name] = _timed(PARTS[name], size)
        if not asked.small:
            FIGURES.write_text(json.dumps(figures, indent=1) + "\n")
            PAGE.write_text(markdown(figures))
    if asked.small:
        say(markdown(figures))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which parts; all without")
    parser.add_argument("--small", action="store_true", help="a few cases of each part, printed, nothing written")
    return parser.parse_args()


def _timed(part: Callable[..., dict[str, Any]], size: Size) -> dict[str, Any]:
    started = time.monotonic()
    figures = part(size, say)
    figures |= {"generator": GENERATOR, "source": generator_version(), "knobs": knobs(DEFAULT_DIFFICULTY)}
    figures |= {"minutes": round((time.monotonic() - started) / 60, 1)}
    return figures


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
