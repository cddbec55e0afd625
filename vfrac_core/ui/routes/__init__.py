"""Our own HTTP routes beside Gradio's: pixels, predictions, readings, exports and the viewer's files."""

from __future__ import annotations

from starlette.routing import Route

from vfrac_core.ui.routes import answers, cases, exports, files, predict, readings, volume
from vfrac_core.ui.routes.door import Lane, door
from vfrac_core.ui.services import Services


def routes(services: Services) -> list[Route]:
    """All routes. Each has its lane, so that predictions that wait do not hold up a reader's save."""
    pixels, network, store, exporting = Lane(4), Lane(2), Lane(8), Lane(1)
    nearby = Lane(1)  # of all readers' "how stable is this answer?" one small batch at a time, so that live boxes get their turn
    return [
        Route("/viewer/{version}/{name}", files.viewer_file),
        Route("/volume/{case}/{version}/{index:int}", door(services, volume.chunk, pixels)),
        Route("/axial/{case}/{version}/{index:int}", door(services, volume.axial_chunk, pixels)),
        Route("/predict/{case}", door(services, predict.predict, network), methods=["POST"]),
        Route("/predict/{case}/nearby", door(services, predict.nearby, nearby), methods=["POST"]),
        Route("/api/cases", door(services, cases.case_list, store)),
        Route("/api/case/{case}", door(services, cases.open_case, store)),
        Route("/api/reader", door(services, readings.sign_in, store), methods=["POST"]),
        Route("/api/draft/{case}", door(services, readings.draft, store), methods=["POST"]),
        Route("/api/submit/{case}", door(services, readings.submit, store), methods=["POST"]),
        Route("/api/correct/{case}", door(services, readings.correct, store), methods=["POST"]),
        Route("/api/ai_shown/{case}", door(services, readings.ai_shown, store), methods=["POST"]),
        Route("/api/answer/{case}", door(services, answers.answer_again, store)),
        Route("/api/answer/{case}", door(services, answers.show_answer, store), methods=["POST"]),
        Route("/api/examples", door(services, cases.example_progress, store)),
        Route("/export/{form}", door(services, exports.download, exporting)),
    ]
