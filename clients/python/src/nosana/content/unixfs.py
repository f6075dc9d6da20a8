"""Blocks of files: UnixFS in dag-pb, as `ipfs add` makes it for CIDv0."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from nosana.content.cid import DIGEST_BYTES, MULTIHASH
from nosana.errors import ContentError

#: UnixFS types of blocks that files consist of: without and with a type of their own.
RAW, FILE = 0, 2
VARINT, BYTES = 0, 2
#: The beginning of a CIDv1 whose block is content, without a wrapping: version 1, codec raw.
RAW_LEAF = b"\x01\x55" + MULTIHASH
#: The beginning of a CIDv1 in dag-pb.
DAG_PB = b"\x01\x70" + MULTIHASH
MAX_VARINT_BYTES = 10


@dataclass(frozen=True)
class Link:
    """A link to a block."""

    digest: bytes
    #: Bytes of content below the link.
    content_bytes: int
    #: Bytes of all blocks below the link.
    tree_bytes: int
    #: Whether the block is content, without a wrapping.
    is_raw: bool = False


@dataclass(frozen=True)
class Node:
    """A block of a file."""

    content: bytes
    links: list[Link]
    #: Bytes of content in this block and below it.
    file_bytes: int


def digest_block(block: bytes) -> bytes:
    """Returns the digest that names a block."""
    return hashlib.sha256(block).digest()


def encode_leaf(content: bytes) -> bytes:
    """Returns the block of a piece of content."""
    data = field_number(1, FILE)
    if content:
        data += field_bytes(2, content)
    return field_bytes(1, data + field_number(3, len(content)))


def encode_node(links: list[Link]) -> bytes:
    """Returns the block that links to other blocks of a file."""
    block = b""
    for link in links:
        hashed = field_bytes(1, MULTIHASH + link.digest)
        block += field_bytes(2, hashed + field_bytes(2, b"") + field_number(3, link.tree_bytes))

    sizes = [link.content_bytes for link in links]
    data = field_number(1, FILE) + field_number(3, sum(sizes))
    data += b"".join(field_number(4, size) for size in sizes)
    return block + field_bytes(1, data)


def decode_node(block: bytes) -> Node:
    """Reads a block of a file."""
    links: list[Link] = []
    data: bytes | None = None
    for number, value in read_fields(block):
        if number == 2 and isinstance(value, bytes):
            links.append(decode_link(value))
        elif number == 1 and isinstance(value, bytes):
            data = value
    if data is None:
        raise ContentError("a block is not a file: it has no UnixFS data")

    kind, content, file_bytes = None, b"", 0
    for number, value in read_fields(data):
        if number == 1:
            kind = value
        elif number == 2 and isinstance(value, bytes):
            content = value
        elif number == 3 and isinstance(value, int):
            file_bytes = value
    if kind not in (RAW, FILE):
        raise ContentError(f"a block is not a file: its UnixFS type is {kind!r}")
    return Node(content, links, file_bytes)


def decode_link(data: bytes) -> Link:
    """Reads a link."""
    tree_bytes = 0
    cid = b""
    for number, value in read_fields(data):
        if number == 1 and isinstance(value, bytes):
            cid = value
        elif number == 3 and isinstance(value, int):
            tree_bytes = value

    for prefix in (MULTIHASH, RAW_LEAF, DAG_PB):
        if cid.startswith(prefix) and len(cid) == len(prefix) + DIGEST_BYTES:
            return Link(cid[len(prefix) :], 0, tree_bytes, is_raw=prefix == RAW_LEAF)
    raise ContentError(f"a link is not the SHA2-256 of a file's block: {cid.hex()}")


def read_fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Reads the fields of a protobuf message."""
    offset = 0
    while offset < len(data):
        tag, offset = read_varint(data, offset)
        number, wire = tag >> 3, tag & 7
        value, offset = read_varint(data, offset)
        if wire == VARINT:
            yield number, value
        elif wire == BYTES and offset + value <= len(data):
            yield number, data[offset : offset + value]
            offset += value
        else:
            raise ContentError("a block is not a file: its protobuf is broken")


def read_varint(data: bytes, offset: int) -> tuple[int, int]:
    """Reads a number of variable length."""
    value = 0
    for index, byte in enumerate(data[offset : offset + MAX_VARINT_BYTES]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, offset + index + 1
    raise ContentError("a block is not a file: its protobuf is broken")


def field_bytes(number: int, value: bytes) -> bytes:
    """Returns a field of bytes."""
    return varint(number << 3 | BYTES) + varint(len(value)) + value


def field_number(number: int, value: int) -> bytes:
    """Returns a field of a number."""
    return varint(number << 3 | VARINT) + varint(value)


def varint(value: int) -> bytes:
    """Returns a number in as many bytes as it requires."""
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
