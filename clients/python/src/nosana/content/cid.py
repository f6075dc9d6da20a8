"""Identifiers of content: 32 bytes on the chain, the text `Qm…` (CIDv0) everywhere else."""

from __future__ import annotations

from nosana.errors import InvalidArgument

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
DIGEST_BYTES = 32
#: The hash function and the length of its digests, before each digest: SHA2-256, 32 bytes.
MULTIHASH = b"\x12\x20"
#: Characters of an identifier.
LENGTH = 46


def to_base58(data: bytes) -> str:
    """Returns bytes in base58."""
    number = int.from_bytes(data, "big")
    text = ""
    while number:
        number, digit = divmod(number, len(ALPHABET))
        text = ALPHABET[digit] + text
    return ALPHABET[0] * (len(data) - len(data.lstrip(b"\0"))) + text


def identifier(digest: bytes) -> str:
    """Returns the text form of a digest that the chain stores."""
    if len(digest) != DIGEST_BYTES:
        raise InvalidArgument(f"a digest has {DIGEST_BYTES} bytes, not {len(digest)}")

    return to_base58(MULTIHASH + digest)


def digest_of(text: str) -> bytes:
    """Returns the digest that the chain stores for an identifier."""
    if len(text) != LENGTH or not text.startswith("Qm"):
        raise InvalidArgument(f"`{text[:100]}` is not a CIDv0; use one that begins with `Qm`")

    number = 0
    for character in text:
        digit = ALPHABET.find(character)
        if digit < 0:
            raise InvalidArgument(f"`{text}` is not a CIDv0: `{character}` is not in base58")
        number = number * len(ALPHABET) + digit
    multihash = number.to_bytes(len(MULTIHASH) + DIGEST_BYTES, "big")
    if not multihash.startswith(MULTIHASH):
        raise InvalidArgument(f"`{text}` is not a CIDv0: its hash is not SHA2-256")
    return multihash[len(MULTIHASH) :]
