"""Compiles and signs transactions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from solders.compute_budget import (
    set_compute_unit_limit,
    set_compute_unit_price,
    set_loaded_accounts_data_size_limit,
)
from solders.hash import Hash
from solders.instruction import Instruction
from solders.message import MessageV0, to_bytes_versioned
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from nosana.errors import InvalidArgument

#: Bytes of a transaction that fit into a packet.
PACKET_BYTES = 1232
#: The most compute units that a transaction may use; the limit in the simulation.
MAX_COMPUTE_UNITS = 1_400_000
#: The most bytes of accounts and of code that a transaction may load; the limit in the simulation.
MAX_LOADED_BYTES = 64 * 1024 * 1024


class Signer(Protocol):
    """A key that signs, such as `solders.keypair.Keypair` or a wallet's."""

    def pubkey(self) -> Pubkey:
        """Returns the address."""

    def sign_message(self, message: bytes) -> Signature:
        """Signs the bytes of a message."""


@dataclass(frozen=True)
class SendOptions:
    """How a transaction is sent."""

    #: Compute units to request. `None` simulates first, and requests a tenth and 5,000 more than
    #: the simulation used; and a limit of loaded bytes that is a quarter and at least 64 KiB above
    #: those of the simulation. A number skips the simulation; but then a transaction that fails
    #: costs its fee, and a leader reserves the cost of 64 MiB for it, which lowers its priority.
    compute_units: int | None = None
    #: Priority fee in micro-lamports per compute unit.
    priority_micro_lamports: int = 0
    #: How often to sign and send again after the transaction expired without landing. Zero signs
    #: once, also if its accounts have grown.
    expiry_retries: int = 2


@dataclass(frozen=True)
class Limits:
    """What a transaction requests of the runtime, before the caller's instructions."""

    units: int
    #: `None` requests no limit of loaded bytes.
    loaded_bytes: int | None
    #: Micro-lamports per compute unit.
    price: int = 0

    @property
    def instructions(self) -> list[Instruction]:
        """The instructions that precede the caller's."""
        requests = [set_compute_unit_limit(self.units)]
        if self.loaded_bytes is not None:
            requests.append(set_loaded_accounts_data_size_limit(self.loaded_bytes))
        if self.price:
            requests.append(set_compute_unit_price(self.price))
        return requests


def compile_message(
    instructions: Sequence[Instruction], payer: Pubkey, blockhash: Hash, limits: Limits
) -> MessageV0:
    """Returns the message of a transaction: what its signers sign."""
    return MessageV0.try_compile(payer, [*limits.instructions, *instructions], [], blockhash)


def sign_message(message: MessageV0, signers: Sequence[Signer]) -> VersionedTransaction:
    """Returns the transaction with the signatures of all its signers."""
    data = to_bytes_versioned(message)
    by_address = {signer.pubkey(): signer for signer in signers}
    signatures = []
    for address in required_signers(message):
        if address not in by_address:
            raise InvalidArgument(f"the signer {address} is missing; give its keypair")
        signatures.append(by_address[address].sign_message(data))
    return checked_size(VersionedTransaction.populate(message, signatures))


def unsigned(message: MessageV0) -> VersionedTransaction:
    """Returns the transaction without valid signatures, for the simulation."""
    empty = [Signature.default() for _ in required_signers(message)]
    return checked_size(VersionedTransaction.populate(message, empty))


def required_signers(message: MessageV0) -> list[Pubkey]:
    """Returns the addresses that have to sign, the payer first."""
    return message.account_keys[: message.header.num_required_signatures]


def checked_size(transaction: VersionedTransaction) -> VersionedTransaction:
    """Fails if the transaction does not fit into a packet."""
    size = len(bytes(transaction))
    if size > PACKET_BYTES:
        raise InvalidArgument(
            f"the transaction has {size} bytes; {PACKET_BYTES} are allowed: send fewer instructions"
        )
    return transaction
