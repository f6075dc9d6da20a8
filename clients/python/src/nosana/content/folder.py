"""A store in a folder: the layout that `nosana` and its nodes use."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from nosana.content.cid import identifier
from nosana.content.store import MAX_BLOCK_BYTES, Store
from nosana.content.unixfs import digest_block
from nosana.errors import ContentError


class FolderStore(Store):
    """Blocks as files `blocks/ab/cd/abcd…`, and an IPFS node behind them if one is given.

    The IPFS node gets every block that is stored, and blocks that the folder lacks are
    requested from it.
    """

    def __init__(self, folder: str | os.PathLike[str], behind: Store | None = None) -> None:
        self.folder = Path(folder)
        self.behind = behind
        self._staging = self.folder / "staging"

    def block_path(self, digest: bytes) -> Path:
        """Returns the path of a block."""
        name = digest.hex()
        return self.folder / "blocks" / name[:2] / name[2:4] / name

    def put_block(self, block: bytes) -> bytes:
        if len(block) > MAX_BLOCK_BYTES:
            raise ContentError(f"a block has {len(block)} bytes; {MAX_BLOCK_BYTES} are allowed")
        digest = digest_block(block)
        # A damaged block is replaced, so storing the content again repairs the store.
        if not self._has_intact(digest):
            self._write(digest, block)

        if self.behind is not None:
            self.behind.put_block(block)
        return digest

    def read_block(self, digest: bytes) -> bytes:
        if self.behind is None or self._has_intact(digest):
            return self._read_local(digest)

        block = self.behind.get_block(digest)
        self._write(digest, block)
        return block

    def _has_intact(self, digest: bytes) -> bool:
        path = self.block_path(digest)
        return path.is_file() and digest_block(self._read_local(digest)) == digest

    def _read_local(self, digest: bytes) -> bytes:
        path = self.block_path(digest)
        try:
            # The store's garbage collection keeps what was used recently. A store of another user
            # can be read, but not touched.
            with contextlib.suppress(PermissionError):
                os.utime(path)
            with path.open("rb") as file:
                return file.read(MAX_BLOCK_BYTES + 1)
        except FileNotFoundError:
            name = identifier(digest)
            raise ContentError(f"the block {name} is not stored: {path} does not exist") from None
        except OSError as error:
            raise ContentError(f"cannot read {path}: {error}; check the folder") from error

    def _write(self, digest: bytes, block: bytes) -> None:
        """Writes a file beside its place, then renames it: readers never see a part of it."""
        path = self.block_path(digest)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._staging.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._staging, delete=False) as file:
                try:
                    file.write(block)
                    file.flush()
                    os.fsync(file.fileno())
                    os.replace(file.name, path)
                except BaseException:
                    os.unlink(file.name)
                    raise
        except OSError as error:
            raise ContentError(f"cannot write {path}: {error}; check the folder") from error
