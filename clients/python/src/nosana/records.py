"""Types with named fields: accounts, events, and what they contain.

A class of the generated modules lists its fields once, as `LAYOUT`: pairs of a name and a codec. A
field whose name is empty is padding, which is skipped when it is read and zero when it is written.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from solders.pubkey import Pubkey

from nosana.codec import Codec, Reader
from nosana.errors import DecodeError, InvalidArgument

RecordType = TypeVar("RecordType", bound="Record")
TaggedType = TypeVar("TaggedType", bound="Tagged")


class Nested:
    """A record inside another one."""

    def __init__(self, record: type[Record]) -> None:
        self._record = record
        self.size = record.layout_size()

    def read(self, reader: Reader) -> Record:
        return self._record.read(reader)

    def write(self, value: Record) -> bytes:
        return value.encode()


Layout = tuple[tuple[str, Codec], ...]


class Record:
    """A type of the IDL with named fields."""

    LAYOUT: ClassVar[Layout] = ()
    __slots__ = ()

    @classmethod
    def read(cls: type[RecordType], reader: Reader) -> RecordType:
        """Reads the fields in order."""
        values = [(name, codec.read(reader)) for name, codec in cls.LAYOUT]
        return cls(**{name: value for name, value in values if name})

    def encode(self) -> bytes:
        """Returns the fields' bytes, without a discriminator."""
        fields = ((codec, getattr(self, name) if name else None) for name, codec in self.LAYOUT)
        return b"".join(codec.write(value) for codec, value in fields)

    @classmethod
    def layout_size(cls) -> int | None:
        """Returns the size of the fields in bytes; `None` if it depends on their values."""
        sizes = [codec.size for _, codec in cls.LAYOUT]
        known = [size for size in sizes if size is not None]
        return sum(known) if len(known) == len(sizes) else None


class Tagged(Record):
    """A record behind the eight bytes that name its type."""

    DISCRIMINATOR: ClassVar[bytes] = b""
    __slots__ = ()

    @classmethod
    def decode(cls: type[TaggedType], data: bytes) -> TaggedType:
        """Decodes data that begin with the discriminator."""
        reader = Reader(data)
        if reader.take(len(cls.DISCRIMINATOR)) != cls.DISCRIMINATOR:
            raise DecodeError(f"the data are not of the type {cls.__name__}")
        return cls.read(reader)


class Account(Tagged):
    """An account of one of the programs."""

    PROGRAM_ID: ClassVar[Pubkey]
    __slots__ = ()

    @classmethod
    def field_offset(cls, field: str) -> int:
        """Returns the offset of a field in the account's data, for filters."""
        offset = len(cls.DISCRIMINATOR)
        for name, codec in cls.LAYOUT:
            if name == field:
                return offset
            if codec.size is None:
                break
            offset += codec.size

        raise InvalidArgument(f"{cls.__name__} has no field `{field}` at a fixed offset")

    @classmethod
    def field_bytes(cls, field: str, value: Any) -> bytes:
        """Returns the bytes of a field with this value, for filters."""
        codecs = dict(cls.LAYOUT)
        if not field or field not in codecs:
            raise InvalidArgument(f"{cls.__name__} has no field `{field}`")
        return codecs[field].write(value)


class Event(Tagged):
    """An event that a program logged."""

    __slots__ = ()
