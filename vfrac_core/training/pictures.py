"""Training cases as tensors: every slice once in memory, and for each sample where its square lies. Nothing is resampled here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float32, Int16, Int64
from torch import Tensor

from vfrac_core.training.cases import TrainingCase, TrainingSet


@dataclass(frozen=True, slots=True)
class Pictures:
    """Samples are the used slices of the cases, in their order.

    ``hu``: all slices of all crops, made equally large by repeating their last row and column
    ``neighbours``: for each sample the positions in ``hu`` of the slice before, itself and the one behind
    ``centre``, ``half_side``: of the sample's square, continuous pixels (row, column); row r covers [r, r + 1)
    ``case``: the position of the case; ``malignant`` and ``signs``: NaN where not known
    """

    hu: Int16[Tensor, "slice row column"]
    neighbours: Int64[Tensor, "sample 3"]
    centre: Float32[Tensor, "sample 2"]
    half_side: Float32[Tensor, "sample 2"]
    case: Int64[Tensor, " sample"]
    malignant: Float32[Tensor, " sample"]
    signs: Float32[Tensor, "sample 6"]

    def __len__(self) -> int:
        return len(self.case)

    def of_cases(self, cases: Sequence[int]) -> Int64[np.ndarray, " chosen"]:
        """Samples of the cases at these positions, in order."""
        return np.flatnonzero(np.isin(self.case.numpy(), np.asarray(cases, np.int64)))

    def on(self, device: torch.device) -> Pictures:
        """The same in the memory of ``device``; which case a sample is of stays where it is."""
        tensors = ("hu", "neighbours", "centre", "half_side", "malignant", "signs")
        return replace(self, **{name: getattr(self, name).to(device) for name in tensors})


@dataclass(frozen=True, slots=True)
class Labelled:
    """A training set as tensors, and the names by which its samples draw."""

    data: TrainingSet
    pictures: Pictures
    names: tuple[str, ...]


def make_labelled(data: TrainingSet, device: torch.device | None = None) -> Labelled:
    """All used slices of all cases, in their order, each under "case slice" (the slice of the stack)."""
    names = tuple(f"{case.case} {index}" for case in data.cases for index in case.stack_slices)
    pictures = make_pictures(data.cases)
    return Labelled(data, pictures.on(device) if device else pictures, names)


def make_pictures(cases: Sequence[TrainingCase]) -> Pictures:
    """All samples of the cases."""
    rows, columns = (max(case.hu.shape[axis] for case in cases) for axis in (1, 2))
    slabs, neighbours, centre, half, owner = [], [], [], [], []
    first = 0
    for position, case in enumerate(cases):
        count = len(case.hu)
        grown = ((0, 0), (0, rows - case.hu.shape[1]), (0, columns - case.hu.shape[2]))
        slabs.append(np.pad(case.hu, grown, mode="edge"))
        spacing = np.array([case.spacing_mm.row, case.spacing_mm.column])
        for index, square in zip(case.slices, case.squares, strict=True):
            neighbours.append([first + min(max(index + step, 0), count - 1) for step in (-1, 0, 1)])
            start, end = np.array([square.row_min, square.col_min]), np.array([square.row_max, square.col_max])
            centre.append((start + end) / 2 / spacing)
            half.append((end - start) / 2 / spacing)
            owner.append(position)
        first += count
    case_of = torch.tensor(owner)
    return Pictures(
        hu=torch.from_numpy(np.concatenate(slabs)),
        neighbours=torch.tensor(neighbours),
        centre=torch.tensor(np.array(centre), dtype=torch.float32),
        half_side=torch.tensor(np.array(half), dtype=torch.float32),
        case=case_of,
        malignant=torch.tensor([np.nan if case.malignant is None else float(case.malignant) for case in cases])[case_of],
        signs=torch.tensor([case.signs for case in cases], dtype=torch.float32)[case_of],
    )
