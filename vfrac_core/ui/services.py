"""The services of one running app, made once and handed to every page and route. Nothing else is shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vfrac_core.errors import VfracError
from vfrac_core.library.cases import CaseLibrary
from vfrac_core.library.example_maker import ExampleMaker, make_first, missing
from vfrac_core.library.examples import example_cases
from vfrac_core.library.held_out import HeldOutNetworks
from vfrac_core.library.incoming import remove_abandoned_uploads
from vfrac_core.library.uncertainty import Uncertainty
from vfrac_core.model.manifest import current_folder, read_manifest
from vfrac_core.settings import Settings, load_secret
from vfrac_core.signs import UNTRAINED
from vfrac_core.store import AnnotationStore, Reader, VolumeLibrary
from vfrac_core.study.access import Caller
from vfrac_core.types import WeightsInfo
from vfrac_core.ui.live_weights import LiveWeights
from vfrac_core.ui.weights_json import weights_json

if TYPE_CHECKING:  # torch is imported in the background, after the first page
    from vfrac_core.model.predictor import Predictor
    from vfrac_core.phantom.teaching import TeachingExample


@dataclass(frozen=True, slots=True)
class Services:
    """The page is there before the network is. ``examples``: the teaching examples by their case ids, made
    or not yet."""

    settings: Settings
    secret: bytes
    store: AnnotationStore
    library: CaseLibrary
    _network: LiveWeights = field(repr=False)
    examples: Mapping[str, TeachingExample] = field(default_factory=dict)
    _maker: ExampleMaker | None = None
    held_out: HeldOutNetworks = field(default_factory=HeldOutNetworks)
    uncertainty: Uncertainty = field(default_factory=Uncertainty)

    @property
    def making_examples(self) -> bool:
        """Whether examples are being made right now."""
        return self._maker is not None and self._maker.running

    def predictor(self) -> Predictor:
        """The network; waits for it while the first one is being loaded. Ask once per request: the next one may be another."""
        return self._network.predictor()

    def reload_weights(self) -> WeightsInfo:
        """Serve what the weights folder's manifest names now. VfracError when it cannot be loaded: the network before stays.

        Nobody has to call it: a changed manifest is seen within two seconds of being asked. It is for whoever wants to wait.
        """
        return self._network.reload()

    def predictor_if_ready(self) -> Predictor | None:
        """As ``predictor``, without waiting: None while it is being loaded."""
        return self.predictor() if self._network.ready else None

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
            if not self._network.ready:
                found = read_manifest(current_folder(self.settings))
                return weights_json(found.info) if found else {"name": "", "trained": False, "caption": UNTRAINED}
            return weights_json(self.predictor().weights)
        except VfracError as refused:
            return {"name": "none", "trained": False, "caption": str(refused)}

    def close(self) -> None:
        """Put the store to rest. What of the examples is not made yet is made at the next start."""
        if self._maker is not None:
            self._maker.stop()
        self._network.close()
        self.store.close()


def open_services(settings: Settings) -> Services:
    """Open the data home, make the first example of an empty library, start loading the network and making the other examples."""
    secret = load_secret(settings.data_home)
    remove_abandoned_uploads(settings.data_home)
    store = AnnotationStore(settings.data_home)
    library = CaseLibrary(store, VolumeLibrary(settings.data_home), secret=secret, cache_bytes=settings.stack_cache_bytes)
    examples = example_cases(secret, settings.examples)
    make_first(library, examples)
    network = LiveWeights(lambda: current_folder(settings))
    network.start()
    maker = ExampleMaker(settings.data_home, settings.examples)
    if missing(library, examples):
        maker.start()
    held_out = HeldOutNetworks(settings.weights_dir)
    return Services(settings, secret, store, library, network, examples, maker, held_out)
