"""The services of one running app, made once and handed to every page and route. Nothing else is shared."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vfrac_core.errors import VfracError
from vfrac_core.library.cases import CaseLibrary
from vfrac_core.library.example_maker import ExampleMaker, make_first, missing
from vfrac_core.library.examples import example_cases
from vfrac_core.library.held_out import HeldOutNetworks
from vfrac_core.library.incoming import remove_abandoned_uploads
from vfrac_core.library.uncertainty import Uncertainty
from vfrac_core.model.manifest import read_manifest
from vfrac_core.settings import Settings, load_secret
from vfrac_core.signs import UNTRAINED, ai_caption
from vfrac_core.store import AnnotationStore, Reader, VolumeLibrary
from vfrac_core.study.access import Caller
from vfrac_core.ui.bugs import log_bug

if TYPE_CHECKING:  # torch is imported in the background, after the first page
    from vfrac_core.model.predictor import Predictor
    from vfrac_core.phantom.teaching import TeachingExample

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Services:
    """``predictor`` is a future: the page is there before torch is. ``examples``: the teaching examples by their case ids, made
    or not yet."""

    settings: Settings
    secret: bytes
    store: AnnotationStore
    library: CaseLibrary
    _predictor: Future[Predictor] = field(repr=False)
    examples: Mapping[str, TeachingExample] = field(default_factory=dict)
    _maker: ExampleMaker | None = None
    held_out: HeldOutNetworks = field(default_factory=HeldOutNetworks)
    uncertainty: Uncertainty = field(default_factory=Uncertainty)

    @property
    def making_examples(self) -> bool:
        """Whether examples are being made right now."""
        return self._maker is not None and self._maker.running

    def predictor(self) -> Predictor:
        """The network; waits for it while it is being loaded."""
        return self._predictor.result()

    def predictor_if_ready(self) -> Predictor | None:
        """As ``predictor``, without waiting: None while it is being loaded."""
        return self.predictor() if self._predictor.done() else None

    def caller(self, reader_token: str | None) -> Caller:
        """Who sends this token. An unknown token is a visitor without a name."""
        reader = self.reader(reader_token)
        return Caller(reader_id=reader.reader_id if reader else None, owner=not self.settings.public)

    def reader(self, reader_token: str | None) -> Reader | None:
        """The name card behind a token."""
        return self.store.reader_of_token(reader_token) if reader_token else None

    def weights_json(self) -> dict[str, object]:
        """What stands beside every probability. Does not wait for torch: while it loads, the manifest tells."""
        try:
            if not self._predictor.done():
                trained = read_manifest(self.settings.weights_dir) is not None
                return {"name": "", "trained": trained, "training_data": "", "caption": "" if trained else UNTRAINED}
            weights = self.predictor().weights
        except VfracError as refused:
            return {"name": "none", "trained": False, "training_data": "", "caption": str(refused)}
        caption = ai_caption(weights.training_data) if weights.trained else UNTRAINED
        return {
            "name": weights.name,
            "trained": weights.trained,
            "training_data": weights.training_data,
            "caption": caption,
        }

    def close(self) -> None:
        """Put the store to rest. What of the examples is not made yet is made at the next start."""
        if self._maker is not None:
            self._maker.stop()
        self.store.close()


def open_services(settings: Settings) -> Services:
    """Open the data home, make the first example of an empty library, start loading the network and making the other examples."""
    secret = load_secret(settings.data_home)
    remove_abandoned_uploads(settings.data_home)
    store = AnnotationStore(settings.data_home)
    library = CaseLibrary(store, VolumeLibrary(settings.data_home), secret=secret, cache_bytes=settings.stack_cache_bytes)
    examples = example_cases(secret, settings.examples)
    make_first(library, examples)
    predictor: Future[Predictor] = Future()
    threading.Thread(target=_load, args=(settings, predictor), name="load-network", daemon=True).start()
    maker = ExampleMaker(settings.data_home, settings.examples)
    if missing(library, examples):
        maker.start()
    held_out = HeldOutNetworks(settings.weights_dir)
    return Services(settings, secret, store, library, predictor, examples, maker, held_out)


def _load(settings: Settings, loaded: Future[Predictor]) -> None:
    """Fill the future. A daemon thread, so that a program that has to stop does not wait for torch."""
    try:
        from vfrac_core.model.predictor import load_predictor

        predictor = load_predictor(settings.weights_dir)
    except VfracError as refused:
        log.error("the network could not be loaded: %s", refused)
        loaded.set_exception(refused)
    except Exception as bug:  # noqa: BLE001  # whatever it is, reading goes on without the network
        log_bug("the network could not be loaded", bug)
        loaded.set_exception(VfracError("the network could not be loaded, see the server's log; reading works without it"))
    else:
        log.info("network ready: %s", predictor.weights.name)
        loaded.set_result(predictor)
