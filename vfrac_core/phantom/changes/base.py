"""What a change can do to a vertebra and its surroundings. A new sign or confounder is one subclass in one file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32

from vfrac_core.phantom.shapes import Field

if TYPE_CHECKING:
    from vfrac_core.phantom.canvas import Canvas
    from vfrac_core.phantom.vertebra import Vertebra


@dataclass(frozen=True, slots=True)
class BodyBlock:
    """A block around a body in its own frame: u lateral, v anterior, w up, in mm from the body's centre.

    ``wall``, ``below_top`` and ``above_bottom`` are the distances to the three faces, ``inside`` to the nearest, positive inside.
    ``fine`` and ``coarse`` are textures of SD 1.
    """

    u: Field
    v: Field
    w: Field
    wall: Field
    below_top: Field
    above_bottom: Field
    inside: Field
    fine: Field
    coarse: Field


Plates = tuple[Field, Field]  # height of the upper and the lower end plate over the body's centre, at (u, v)
Shift = Float32[np.ndarray, "..."]


@dataclass(frozen=True)
class Change:
    """One abnormality of one level. Every method may be left out; what is left out changes nothing.

    ``level`` is the vertebra it belongs to, ``sign`` the one of the six that it makes, or None for a confounder or mimic.
    The other fields are the drawn parameters: they go into parameters.csv under the class's name.
    """

    level: str
    sign: str | None

    @property
    def carries(self) -> bool:
        """Whether the column rests on the plates as this change leaves them: the spine then shortens and kinks."""
        return False

    def plates(self, body: Vertebra, u: Field, v: Field, plates: Plates) -> Plates:
        """Move the end plates."""
        return plates

    def wall(self, body: Vertebra, at: tuple[Field, Field, Field], wall: Field) -> Field:
        """Move the side walls (signed distance, positive inside)."""
        return wall

    def core(self, body: Vertebra, block: BodyBlock, hu: Field) -> Field:
        """Change the cancellous bone."""
        return hu

    def cortex(self, body: Vertebra, block: BodyBlock, factor: Field) -> Field:
        """Take cortex away: 1 whole, 0 gone."""
        return factor

    def focus(self, body: Vertebra, block: BodyBlock) -> Field | None:
        """Where the lesion lies, 0 to 1; becomes the mask of its sign."""
        return None

    def arch(self, body: Vertebra, at: tuple[Field, Field, Field]) -> Field | None:
        """Share of the posterior elements that is destroyed, 0 to 1."""
        return None

    def bone(self, body: Vertebra, at: tuple[Field, Field, Field]) -> Field | None:
        """Further bone: the signed distance of spurs or fragments, positive inside."""
        return None

    def around(self, body: Vertebra, canvas: Canvas) -> None:
        """Paint outside bone, after all bones stand."""

    def push(self, body: Vertebra, z: Shift) -> Shift | None:
        """How far what lies before the spine is pushed forward at each height, in mm."""
        return None

    def disc_scale(self) -> float:
        """Height of the disc below this level against normal."""
        return 1.0
