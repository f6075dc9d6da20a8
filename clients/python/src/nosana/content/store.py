"""Files and JSON in a store of blocks. The hash of every block is checked when it is read."""

from __future__ import annotations

import io
import json
from abc import ABC, abstractmethod
from typing import Any, BinaryIO

from nosana.content.cid import digest_of, identifier
from nosana.content.unixfs import (
    Link,
    Node,
    decode_node,
    digest_block,
    encode_leaf,
    encode_node,
)
from nosana.errors import ContentError

#: Bytes of content in one block, as `ipfs add` cuts files for CIDv0.
CHUNK_BYTES = 262_144
#: Links of one block, as `ipfs add` makes it for CIDv0.
LINKS_PER_NODE = 174
#: The largest block that is read: the limit of IPFS's own block exchange.
MAX_BLOCK_BYTES = 2 * 1024 * 1024
#: The largest JSON file that is read or written.
MAX_JSON_BYTES = 16 * 1024 * 1024
#: Bytes that the blocks of a file may have in addition to twice its content.
SPARE_BYTES = 4 * 1024 * 1024
#: Blocks that a file may have in addition to one for each KiB.
SPARE_BLOCKS = 1024


class Store(ABC):
    """A store of blocks, each named by the SHA-256 of its bytes."""

    @abstractmethod
    def put_block(self, block: bytes) -> bytes:
        """Stores a block, and returns its digest."""

    @abstractmethod
    def read_block(self, digest: bytes) -> bytes:
        """Reads a block; its hash need not be checked."""

    def get_block(self, digest: bytes) -> bytes:
        """Reads a block and checks its hash."""
        block = self.read_block(digest)
        if len(block) > MAX_BLOCK_BYTES:
            raise ContentError(f"the block {identifier(digest)} is larger than {MAX_BLOCK_BYTES}")
        if digest_block(block) != digest:
            actual = digest_block(block).hex()
            raise ContentError(f"the block {identifier(digest)} is damaged: it hashes to {actual}")
        return block

    def put(self, content: bytes | BinaryIO) -> bytes:
        """Stores bytes, or what a binary file returns, as a file. Returns its digest."""
        source = io.BytesIO(content) if isinstance(content, bytes) else content
        links: list[Link] = []
        while True:
            chunk = read_chunk(source)
            if chunk or not links:
                block = encode_leaf(chunk)
                links.append(Link(self.put_block(block), len(chunk), len(block)))
            if len(chunk) < CHUNK_BYTES:
                break

        while len(links) > 1:
            starts = range(0, len(links), LINKS_PER_NODE)
            links = [self._put_node(links[start : start + LINKS_PER_NODE]) for start in starts]
        return links[0].digest

    def _put_node(self, links: list[Link]) -> Link:
        block = encode_node(links)
        digest = self.put_block(block)
        content_bytes = sum(link.content_bytes for link in links)
        return Link(digest, content_bytes, len(block) + sum(link.tree_bytes for link in links))

    def get(self, content: bytes | str, max_bytes: int = MAX_JSON_BYTES) -> bytes:
        """Reads a file of at most `max_bytes`, named by its digest or its identifier."""
        digest = digest_of(content) if isinstance(content, str) else content
        return FileReader(self, digest, max_bytes).read()

    def put_json(self, value: Any) -> bytes:
        """Stores a value as compact JSON, and returns its digest."""
        content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        if len(content) > MAX_JSON_BYTES:
            raise ContentError(f"the JSON has {len(content)} bytes; {MAX_JSON_BYTES} are allowed")
        return self.put(content)

    def get_json(self, content: bytes | str) -> Any:
        """Reads a JSON file, named by its digest or its identifier."""
        data = self.get(content, MAX_JSON_BYTES)
        try:
            return json.loads(data)
        except ValueError as error:
            name = content if isinstance(content, str) else identifier(content)
            raise ContentError(f"{name} is not a JSON file: {error}") from error


class FileReader:
    """Reads one file. A hostile tree costs a bounded number of blocks and bytes."""

    def __init__(self, store: Store, digest: bytes, max_bytes: int) -> None:
        self._store = store
        self._root = digest
        self._max_bytes = max_bytes
        self._blocks_left = SPARE_BLOCKS + max_bytes // 1024
        self._bytes_left = 2 * max_bytes + SPARE_BYTES

    def read(self) -> bytes:
        """Returns the content."""
        root = self._read_node(Link(self._root, 0, 0))
        if root.file_bytes > self._max_bytes:
            raise self._refuse(f"it has {root.file_bytes} bytes; {self._max_bytes} are allowed")

        content = bytearray(root.content)
        waiting = root.links[::-1]
        while waiting:
            node = self._read_node(waiting.pop())
            content += node.content
            waiting += node.links[::-1]
            if len(content) > root.file_bytes:
                break

        if len(content) != root.file_bytes:
            raise self._refuse(f"it declares {root.file_bytes} bytes and has another number")
        return bytes(content)

    def _read_node(self, link: Link) -> Node:
        self._blocks_left -= 1
        if self._blocks_left < 0:
            raise self._refuse("it has too many blocks")

        block = self._store.get_block(link.digest)
        self._bytes_left -= len(block)
        if self._bytes_left < 0:
            raise self._refuse("its blocks have many more bytes than its content")
        return Node(block, [], len(block)) if link.is_raw else decode_node(block)

    def _refuse(self, reason: str) -> ContentError:
        return ContentError(f"the file {identifier(self._root)} is refused: {reason}")


class _Nowhere(Store):
    """Computes identifiers, and stores nothing."""

    def put_block(self, block: bytes) -> bytes:
        return digest_block(block)

    def read_block(self, digest: bytes) -> bytes:
        raise ContentError(f"the block {identifier(digest)} is not stored")


def identify(content: bytes | BinaryIO) -> bytes:
    """Returns the digest of content as a file, without storing it."""
    return _Nowhere().put(content)


def read_chunk(source: BinaryIO) -> bytes:
    """Reads the content of one block; a source may return fewer bytes at a time."""
    parts: list[bytes] = []
    missing = CHUNK_BYTES
    while missing:
        part = source.read(missing)
        if not part:
            break
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
