"""``predict``: the same numbers as on the screen, for one box of a case or of a series that is not in the library."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

import typer

from vfrac_core.cli.options import AsJson, DataHome, open_library, print_json, settings_for
from vfrac_core.dicom import LoadedSeries, read_path
from vfrac_core.errors import InvalidRoiError, SettingsError, UnreadableSeriesError
from vfrac_core.imaging.reformat import reformat_sagittal
from vfrac_core.library.case_prediction import answer_for
from vfrac_core.library.held_out import HeldOutNetworks
from vfrac_core.library.prediction import PredictionRequest
from vfrac_core.model.answer import answer_json
from vfrac_core.model.cam_request import shown_cam
from vfrac_core.model.manifest import current_folder
from vfrac_core.model.spec import MAX_SLICES, RUNTIME
from vfrac_core.settings import Settings, passing_secret
from vfrac_core.signs import weights_facts
from vfrac_core.store import SeenInTraining, training_of
from vfrac_core.store.annotations import FILE_NAME
from vfrac_core.types import PixelBox, Prediction, Roi, SagittalStack, WeightsInfo


def predict_box(
    *,
    case_or_path: Annotated[str, typer.Argument(help="A case id of the library, or a path to one series.")],
    slice_index: Annotated[int, typer.Option("--slice", help="Sagittal slice of the box, 0-based.")],
    box: Annotated[str, typer.Option(help="row_min,col_min,row_max,col_max in pixels, half open.")],
    slices: Annotated[str | None, typer.Option(help="Slices to answer, such as 3-8; both ends are included.")] = None,
    cam: Annotated[str, typer.Option(help="What the Grad-CAM speaks for: malignant, benign or a sign.")] = "malignant",
    weights: Annotated[
        Path | None, typer.Option(help="Weights file, any shard of a set, manifest.json or its folder; default weights/.")
    ] = None,
    runtime: Annotated[str, typer.Option(help="What computes: torch.")] = RUNTIME,
    data: DataHome = None,
    as_json: AsJson = False,
) -> None:
    """Malignancy probability and Grad-CAM for one box."""
    settings = settings_for(data)
    request = PredictionRequest(
        roi=Roi(slice_index=slice_index, box=_box(box)), slices=_slices(slices) if slices else (), cam=shown_cam(cam)
    )
    if runtime != RUNTIME:
        raise SettingsError(f"the runtime {runtime:.40} is not in this version; expected {RUNTIME}")
    case_id, stack = _stack(case_or_path, settings)
    from vfrac_core.model.predictor import load_predictor  # torch: seconds, so only when everything else is right

    predictor = load_predictor(weights or current_folder(settings), required=weights is not None)
    seen = _seen(case_id, settings, predictor.weights)
    prediction = answer_for(stack, predictor, HeldOutNetworks(_folder(weights or current_folder(settings))), request, seen)
    if as_json:
        print_json(answer_json(case_id, prediction))
    else:
        _print_lines(prediction)


def _stack(case_or_path: str, settings: Settings) -> tuple[str, SagittalStack]:
    path = Path(case_or_path)
    if not os.path.exists(path):  # False for what is too long to be a path
        with open_library(settings) as library:
            return case_or_path, library.stack(case_or_path)
    found = list(read_path(path, secret=passing_secret(settings.data_home), limits=settings.limits))
    series = [one for one in found if isinstance(one, LoadedSeries)]
    if len(series) != 1:
        reasons = "; ".join(sorted({one.reason for one in found if not isinstance(one, LoadedSeries)})[:3])
        raise UnreadableSeriesError(
            f"found {len(series)} CT series, expected one; import them and give a case id" + (f" ({reasons})" if reasons else "")
        )
    return series[0].case_id, reformat_sagittal(series[0].volume)


def _folder(weights: Path) -> Path:
    return weights if os.path.isdir(weights) else weights.parent


def _seen(case_id: str, settings: Settings, weights: WeightsInfo) -> SeenInTraining | None:
    """Also for a path: the folder of a case that the library has is that case, by its keyed id."""
    if not os.path.isfile(settings.data_home / FILE_NAME):
        return None
    with open_library(settings) as library:
        return training_of(library.store, case_id, weights)


def _box(text: str) -> PixelBox:
    numbers = re.fullmatch(r"\s*(-?\d{1,9})\s*,\s*(-?\d{1,9})\s*,\s*(-?\d{1,9})\s*,\s*(-?\d{1,9})\s*", text)
    if numbers is None:
        raise InvalidRoiError("--box is not four whole numbers; expected row_min,col_min,row_max,col_max")
    return PixelBox(*(int(number) for number in numbers.groups()))


def _slices(text: str) -> tuple[int, ...]:
    ends = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", text)
    if ends is None:
        raise InvalidRoiError("--slices is not a range; expected for example 3-8")
    first, last = int(ends[1]), int(ends[2] or ends[1])
    if not first <= last < first + MAX_SLICES:
        raise InvalidRoiError(f"--slices runs backwards or has more than {MAX_SLICES} slices; expected for example 3-8")
    return tuple(range(first, last + 1))


def _print_lines(prediction: Prediction) -> None:
    weights = prediction.weights
    state = "" if weights.trained else "UNTRAINED: "
    facts = weights_facts(initialisation=weights.initialisation, logit_shift=weights.logit_shift, temperature=weights.temperature)
    provenance = "; ".join([f"{weights.name}, trained on {weights.training_data}", *facts])
    typer.echo(f"{state}{provenance}; runtime {prediction.runtime}", err=True)
    if (held := prediction.out_of_fold) is not None:
        kept = "" if held.live else ", stored figures"
        typer.echo(f"a case of the training set: out of fold (fold {held.fold + 1} of {held.folds}{kept})", err=True)
    for one in prediction.slices:
        typer.echo(f"slice {one.slice_index:3d}  malignant {one.malignant_probability:.4f}")
    if prediction.patient_probability is not None:
        typer.echo(f"patient    malignant {prediction.patient_probability:.4f}  (slice {prediction.patient_slice})")
    for name, probability in (prediction.patient_signs or {}).items():
        typer.echo(f"patient    {name} {probability:.4f}  (highest of the slices around the box)")
