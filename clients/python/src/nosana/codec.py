"""The encoding of values in arguments, accounts and events: little-endian, without gaps."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Protocol

from solders.pubkey import Pubkey

from nosana.errors import DecodeError, InvalidArgument


class Reader:
    """Bytes, and how many of them are read."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.offset = 0

    def take(self, count: int) -> bytes:
        """Returns the next `count` bytes."""
        end = self.offset + count
        if end > len(self.data):
            raise DecodeError(f"the data have {len(self.data)} bytes; at least {end} are required")

        taken = self.data[self.offset : end]
        self.offset = end
        return taken


class Codec(Protocol):
    """Reads and writes values of one type."""

    #: Bytes of a value; `None` if that depends on the value.
    size: int | None

    def read(self, reader: Reader) -> Any:
        """Reads the next value."""

    def write(self, value: Any) -> bytes:
        """Returns the bytes of a value."""


class Integer:
    """An integer of `size` bytes."""

    def __init__(self, size: int, *, signed: bool) -> None:
        self.size: int | None = size
        self._width = size
        self._signed = signed

    def read(self, reader: Reader) -> int:
        return int.from_bytes(reader.take(self._width), "little", signed=self._signed)

    def write(self, value: int) -> bytes:
        try:
            return int(value).to_bytes(self._width, "little", signed=self._signed)
        except OverflowError:
            kind = "signed" if self._signed else "unsigned"
            message = f"{value} does not fit into {self._width} bytes, {kind}"
            raise InvalidArgument(message) from None


class Boolean:
    """A byte that is 0 or 1."""

    size: int | None = 1

    def read(self, reader: Reader) -> bool:
        return reader.take(1) != b"\0"

    def write(self, value: bool) -> bytes:
        return b"\1" if value else b"\0"


class Address:
    """An address of 32 bytes."""

    size: int | None = 32

    def read(self, reader: Reader) -> Pubkey:
        return Pubkey.from_bytes(reader.take(32))

    def write(self, value: Pubkey) -> bytes:
        return bytes(value)


class Bytes:
    """A fixed number of bytes, such as a digest."""

    def __init__(self, size: int) -> None:
        self.size: int | None = size
        self._width = size

    def read(self, reader: Reader) -> bytes:
        return reader.take(self._width)

    def write(self, value: bytes) -> bytes:
        if len(value) != self._width:
            raise InvalidArgument(f"{len(value)} bytes were given; {self._width} are required")
        return bytes(value)


class Padding(Bytes):
    """Bytes without a meaning; written as zeros."""

    def write(self, value: bytes | None) -> bytes:
        return bytes(self._width)


class Choice:
    """A variant of an enumeration, in one byte."""

    size: int | None = 1

    def __init__(self, variants: type[IntEnum]) -> None:
        self._variants = variants

    def read(self, reader: Reader) -> IntEnum:
        number = reader.take(1)[0]
        try:
            return self._variants(number)
        except ValueError:
            name = self._variants.__name__
            message = f"{number} is not a {name} that this package knows; update it"
            raise DecodeError(message) from None

    def write(self, value: int) -> bytes:
        try:
            return bytes([self._variants(value)])
        except ValueError:
            raise InvalidArgument(f"{value} is not a {self._variants.__name__}") from None


class Optional:
    """A value after a byte that is 1, or none: a byte that is 0."""

    size: int | None = None

    def __init__(self, item: Codec) -> None:
        self._item = item

    def read(self, reader: Reader) -> Any:
        tag = reader.take(1)[0]
        if tag > 1:
            raise DecodeError(f"{tag} says neither that a value follows nor that none does")
        return self._item.read(reader) if tag else None

    def write(self, value: Any) -> bytes:
        return b"\0" if value is None else b"\1" + self._item.write(value)


class Sequence:
    """Values of one type: as many as `count`, or as many as the four bytes before them say."""

    def __init__(self, item: Codec, count: int | None = None) -> None:
        self._item = item
        self._count = count
        self.size = None if count is None or item.size is None else count * item.size

    def read(self, reader: Reader) -> list[Any]:
        count = self._count
        if count is None:
            count = int.from_bytes(reader.take(4), "little")

        return [self._item.read(reader) for _ in range(count)]

    def write(self, values: list[Any]) -> bytes:
        if self._count not in (None, len(values)):
            raise InvalidArgument(f"{len(values)} values were given; {self._count} are required")

        prefix = b"" if self._count is not None else len(values).to_bytes(4, "little")
        return prefix + b"".join(self._item.write(value) for value in values)


U8 = Integer(1, signed=False)
U16 = Integer(2, signed=False)
U32 = Integer(4, signed=False)
U64 = Integer(8, signed=False)
U128 = Integer(16, signed=False)
I64 = Integer(8, signed=True)
BOOL = Boolean()
ADDRESS = Address()
