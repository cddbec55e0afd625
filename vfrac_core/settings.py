"""Settings of one running program: where its data are and what it accepts. Made once at the edge, passed in everywhere."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vfrac_core.errors import SettingsError

log = logging.getLogger(__name__)

MB = 1024**2
SECRET_BYTES = 32
UNUSABLE_HOME = "the data home is no folder, or may not be read and written; name another one with --data or VFRAC_DATA"
EXAMPLES = 24
SHIPPED_WEIGHTS = Path(__file__).parents[1] / "weights"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Limits:
    """What an input may cost. Defaults from measurements; docs/decisions.md says why."""

    upload_bytes: int = 600 * MB
    session_bytes: int = 1024 * MB
    zip_members: int = 5000
    zip_bytes: int = 2048 * MB
    zip_ratio: int = 200
    file_bytes: int = 64 * MB
    enhanced_file_bytes: int = 1024 * MB
    min_side: int = 16
    max_side: int = 2048
    min_slices: int = 5
    max_slices: int = 3000
    max_voxels: int = 500_000_000
    child_memory_bytes: int = 3072 * MB
    child_cpu_seconds: int = 60
    child_wall_seconds: int = 120


@dataclass(frozen=True, slots=True)
class Settings:
    """``data_home`` holds the store, the volumes and the secret; ``weights_dir`` the networks that were made current here.
    ``shipped_weights``: those that answer as long as there are none; they are never written to.

    A ``public`` server is one whose visitors are strangers: importing and exporting are closed there. ``examples``: how many of
    the teaching examples the app puts into the data home.
    """

    data_home: Path = Path("annotations")
    weights_dir: Path = Path("annotations/weights")
    shipped_weights: Path | None = None
    host: str = "127.0.0.1"
    port: int = 7860
    public: bool = False
    examples: int = EXAMPLES
    stack_cache_bytes: int = 512 * MB
    limits: Limits = field(default_factory=Limits)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], data_home: Path | None = None) -> Settings:
        """VFRAC_DATA names the data home, VFRAC_WEIGHTS another folder of weights than the one in it; GRADIO_SERVER_NAME and
        GRADIO_SERVER_PORT the door.

        A server that others can reach (a Hugging Face Space, or any host but this machine's own) is public unless
        VFRAC_PUBLIC=0 says that whoever can reach it may import and export. VFRAC_EXAMPLES: how many teaching examples.
        """
        host = environ.get("GRADIO_SERVER_NAME", "0.0.0.0" if "SPACE_ID" in environ else "127.0.0.1")
        try:
            port = int(environ.get("GRADIO_SERVER_PORT", "7860"))
        except ValueError:
            raise SettingsError("GRADIO_SERVER_PORT is not a whole number; give a port such as 7860") from None
        examples = environ.get("VFRAC_EXAMPLES", str(EXAMPLES))
        if examples not in map(str, range(EXAMPLES + 1)):
            raise SettingsError(f"VFRAC_EXAMPLES is no number of examples; give 0 to {EXAMPLES}")
        home = data_home or Path(environ.get("VFRAC_DATA", "annotations"))
        named = environ.get("VFRAC_WEIGHTS")
        return cls(
            data_home=home,
            weights_dir=Path(named) if named else home / "weights",
            shipped_weights=None if named else SHIPPED_WEIGHTS,
            host=host,
            port=port,
            public=environ.get("VFRAC_PUBLIC", "0" if host in LOOPBACK else "1") != "0",
            examples=int(examples),
        )


def load_secret(data_home: Path) -> bytes:
    """The 32 random bytes that key case ids, ETags and tickets: ``<data home>/.secret``, mode 0600, made at first use.

    SettingsError for a data home that is no folder or may not be written.
    """
    path = data_home / ".secret"
    try:
        if not path.exists():
            _make_secret(path)
        secret = _read_secret(path)
    except OSError:
        raise SettingsError(UNUSABLE_HOME) from None
    if not os.access(data_home, os.W_OK):
        raise SettingsError(UNUSABLE_HOME)
    return secret


def passing_secret(data_home: Path) -> bytes:
    """The data home's secret if it has one, else one that is kept nowhere: for those who only look and make no data home."""
    return load_secret(data_home) if os.path.isfile(data_home / ".secret") else secrets.token_bytes(SECRET_BYTES)


def _make_secret(path: Path) -> None:
    """Two programs that start at once agree on one: it is linked into place whole, and the loser reads the winner's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    secret = secrets.token_bytes(SECRET_BYTES)
    draft = path.with_name(f".secret.{secrets.token_hex(8)}")
    try:
        _write_new(draft, secret)
        _link(draft, path, secret)
    except FileExistsError:
        return
    finally:
        draft.unlink(missing_ok=True)
    if (path.parent / "vfrac.sqlite3").exists():  # a restored backup; the store's first start makes the secret first
        log.warning("the data home had no secret: case ids are keyed anew, a series imported again becomes a new case")


def _link(draft: Path, path: Path, secret: bytes) -> None:
    """Drives without hard links (exFAT, some network drives) get the file itself."""
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        raise
    except OSError:
        _write_new(path, secret)


def _write_new(path: Path, secret: bytes) -> None:
    """FileExistsError if it is there."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secret)


def _read_secret(path: Path) -> bytes:
    secret = path.read_bytes()
    if len(secret) != SECRET_BYTES:
        raise SettingsError(
            "the file .secret in the data home is damaged: expected 32 bytes; restore it, or delete it to start with new case ids"
        )
    return secret
