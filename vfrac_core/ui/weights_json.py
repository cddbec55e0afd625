"""What stands beside every probability on the screen."""

from __future__ import annotations

from vfrac_core.signs import UNTRAINED, ai_caption
from vfrac_core.types import WeightsInfo


def weights_json(weights: WeightsInfo) -> dict[str, object]:
    """Name and caption, with what the caption is made of."""
    caption = ai_caption(
        weights.training_data,
        initialisation=weights.initialisation,
        logit_shift=weights.logit_shift,
        temperature=weights.temperature,
    )
    return {
        "name": weights.name,
        "trained": weights.trained,
        "training_data": weights.training_data,
        "initialisation": weights.initialisation,
        "label": weights.label,
        "logit_shift": weights.logit_shift,
        "temperature": weights.temperature,
        "sign_head": weights.sign_head,
        "caption": caption if weights.trained else UNTRAINED,
    }
