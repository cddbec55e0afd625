"""Settings of one running program: where its data are and what it accepts. Made once at the edge, passed in everywhere."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vfrac_core.errors import SettingsError

MB = 1024**2
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
    """``data_home`` holds the store, the volumes and the secret; ``weights_dir`` the manifest and the networks.

    A ``public`` server is one whose visitors are strangers: importing and exporting are closed there.
    """

    data_home: Path = Path("annotations")
    weights_dir: Path = Path("weights")
    host: str = "127.0.0.1"
    port: int = 7860
    public: bool = False
    stack_cache_bytes: int = 512 * MB
    limits: Limits = field(default_factory=Limits)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], data_home: Path | None = None) -> Settings:
        """VFRAC_DATA and VFRAC_WEIGHTS name the folders, GRADIO_SERVER_NAME and GRADIO_SERVER_PORT the door.

        A server that others can reach (a Hugging Face Space, or any host but this machine's own) is public unless
        VFRAC_PUBLIC=0 says that whoever can reach it may import and export.
        """
        host = environ.get("GRADIO_SERVER_NAME", "0.0.0.0" if "SPACE_ID" in environ else "127.0.0.1")
        try:
            port = int(environ.get("GRADIO_SERVER_PORT", "7860"))
        except ValueError:
            raise SettingsError("GRADIO_SERVER_PORT is not a whole number; give a port such as 7860") from None
        return cls(
            data_home=data_home or Path(environ.get("VFRAC_DATA", "annotations")),
            weights_dir=Path(environ.get("VFRAC_WEIGHTS", "weights")),
            host=host,
            port=port,
            public=environ.get("VFRAC_PUBLIC", "0" if host in LOOPBACK else "1") != "0",
        )


def load_secret(data_home: Path) -> bytes:
    """The 32 random bytes that key case ids, ETags and tickets: ``<data home>/.secret``, mode 0600, made at first use.

    Two programs that start at once agree on one secret: it is linked into place whole, and the loser reads the winner's.
    """
    path = data_home / ".secret"
    try:
        return _read_secret(path)
    except FileNotFoundError:
        pass
    data_home.mkdir(parents=True, exist_ok=True)
    draft = data_home / f".secret.{secrets.token_hex(8)}"
    draft.touch(mode=0o600)
    draft.write_bytes(secrets.token_bytes(32))
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return _read_secret(path)


def _read_secret(path: Path) -> bytes:
    secret = path.read_bytes()
    if len(secret) != 32:
        raise SettingsError(
            "the file .secret in the data home is damaged: expected 32 bytes; restore it, or delete it to start with new case ids"
        )
    return secret
