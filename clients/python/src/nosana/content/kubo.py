"""A store behind the HTTP API of an IPFS node (Kubo)."""

from __future__ import annotations

import urllib.error
import urllib.request

from nosana.content.cid import identifier
from nosana.content.store import MAX_BLOCK_BYTES, Store
from nosana.content.unixfs import digest_block
from nosana.errors import ContentError

#: Separates the parts of an upload. If a block contains it, the block's hash does not match.
BOUNDARY = "nosana-block-3c1f0c6a9b8e4d72"
#: The node gets this much less time than the call, so that its own error arrives.
NODE_MARGIN_SECONDS = 5
#: The longest part of the node's error that ours repeats, in bytes.
MAX_ERROR_BYTES = 1_000


class KuboStore(Store):
    """The blocks of an IPFS node. Its answers are not trusted: every hash is checked."""

    def __init__(self, url: str = "http://127.0.0.1:5001", timeout_seconds: float = 60) -> None:
        self.url = url.rstrip("/")
        self.timeout_seconds = timeout_seconds

    def put_block(self, block: bytes) -> bytes:
        if len(block) > MAX_BLOCK_BYTES:
            raise ContentError(f"a block has {len(block)} bytes; {MAX_BLOCK_BYTES} are allowed")

        head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="data"; filename="block"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        form = head.encode() + block + f"\r\n--{BOUNDARY}--\r\n".encode()
        self._call(
            "store a block",
            "block/put?cid-codec=dag-pb&mhtype=sha2-256&pin=true",
            form,
            f"multipart/form-data; boundary={BOUNDARY}",
        )
        return digest_block(block)

    def read_block(self, digest: bytes) -> bytes:
        seconds = max(int(self.timeout_seconds) - NODE_MARGIN_SECONDS, 1)
        path = f"block/get?arg={identifier(digest)}&timeout={seconds}s"
        return self._call("read a block", path, b"", "application/octet-stream")

    def _call(self, action: str, path: str, body: bytes, content_type: str) -> bytes:
        url = f"{self.url}/api/v0/{path}"
        headers = {"Content-Type": content_type}
        request = urllib.request.Request(url, data=body, headers=headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=self.timeout_seconds) as response:
                return bytes(response.read(MAX_BLOCK_BYTES + 1))
        except urllib.error.HTTPError as error:
            problem = error.read(MAX_ERROR_BYTES).decode(errors="replace").strip()
            raise ContentError(f"the IPFS node at {self.url} cannot {action}: {problem}") from error
        except OSError as error:
            message = f"the IPFS node at {self.url} cannot {action}: {error}; check its address"
            raise ContentError(message) from error
