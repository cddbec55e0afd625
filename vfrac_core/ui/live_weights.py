"""The network that serves, and an eye on its manifest: new weights are served without a restart.

Whoever has a predictor keeps it to the end of the request: the old one and its cached answers go when nobody holds it any more.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from vfrac_core.errors import VfracError
from vfrac_core.model.manifest import manifest_path
from vfrac_core.types import WeightsInfo
from vfrac_core.ui.bugs import log_bug

if TYPE_CHECKING:  # torch is imported in the background, after the first page
    from vfrac_core.model.predictor import Predictor

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 2.0

_Stamp = tuple[int, int, int] | None  # inode, time and size: an atomic replace changes the first at least


@runtime_checkable
class Load(Protocol):
    """``load_predictor``, or a test's."""

    def __call__(self, weights: Path, *, required: bool) -> Predictor: ...


def load_in_background(weights: Path, *, required: bool) -> Predictor:
    """``load_predictor``, with torch imported only now."""
    from vfrac_core.model.predictor import load_predictor

    return load_predictor(weights, required=required)


class LiveWeights:
    """Threads may share it. ``where``: the folder, or manifest, that is current now."""

    def __init__(
        self, where: Callable[[], Path], load: Load = load_in_background, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._where = where
        self._load = load
        self._clock = clock
        self._turn = threading.Lock()  # one network is loaded at a time
        self._state = threading.Lock()  # guards the three below; never held while loading
        self._current: Future[Predictor] = Future()
        self._seen: _Stamp = None
        self._looked = clock()
        self._closed = threading.Event()

    def start(self) -> None:
        """Load the first network in the background, and look for another one until ``close``, also while nobody asks: else the
        first answer after a change would be the old network's. Daemon threads: a program that stops does not wait for torch."""
        self._seen = self._stamp()
        threading.Thread(target=self._first, args=(self._current,), name="load-network", daemon=True).start()
        threading.Thread(target=self._watch, name="watch-weights", daemon=True).start()

    def close(self) -> None:
        """Look for no other network any more."""
        self._closed.set()

    @property
    def ready(self) -> bool:
        """Whether ``predictor`` answers without waiting."""
        self._look()
        return self._current.done()

    def predictor(self) -> Predictor:
        """The network; waits while the first one is being loaded. VfracError where none could be loaded."""
        self._look()
        return self._current.result()

    def reload(self) -> WeightsInfo:
        """Load what is current on disk now, serve it from now on, and say what it is.

        VfracError when it cannot be loaded or there is none; the network before goes on serving.
        """
        with self._turn:
            stamp = self._stamp()
            with self._state:
                self._seen = stamp
            predictor = self._load(self._where(), required=True)
            fresh: Future[Predictor] = Future()
            fresh.set_result(predictor)
            with self._state:
                self._current = fresh
        log.info("network ready: %s", predictor.weights.name)
        return predictor.weights

    def _watch(self) -> None:
        while not self._closed.wait(LOOK_EVERY_S):
            self._look()

    def _look(self) -> None:
        """At most every two seconds: has the manifest been replaced? Then load in the background."""
        with self._state:
            if self._clock() - self._looked < LOOK_EVERY_S:
                return
            self._looked = self._clock()
            stamp = self._stamp()
            if stamp == self._seen:
                return
            self._seen = stamp  # also if it cannot be loaded: it is tried once
        threading.Thread(target=self._exchange, name="exchange-network", daemon=True).start()

    def _exchange(self) -> None:
        try:
            self.reload()
        except VfracError as refused:
            log.error("the new weights cannot be loaded, the network before goes on serving: %s", refused)
        except Exception as bug:  # noqa: BLE001 - whatever it is, the network before goes on serving
            log_bug("the new weights cannot be loaded, the network before goes on serving", bug)

    def _first(self, loaded: Future[Predictor]) -> None:
        try:
            with self._turn:
                predictor = self._load(self._where(), required=False)
        except VfracError as refused:
            log.error("the network could not be loaded: %s", refused)
            loaded.set_exception(refused)
        except Exception as bug:  # noqa: BLE001 - whatever it is, reading goes on without the network
            log_bug("the network could not be loaded", bug)
            loaded.set_exception(VfracError("the network could not be loaded, see the server's log; reading works without it"))
        else:
            log.info("network ready: %s", predictor.weights.name)
            loaded.set_result(predictor)

    def _stamp(self) -> _Stamp:
        try:
            found = manifest_path(self._where()).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
