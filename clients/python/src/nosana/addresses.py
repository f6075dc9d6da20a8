"""Addresses that follow from seeds, and the accounts that an instruction lacks."""

from __future__ import annotations

from solders.pubkey import Pubkey

from nosana.errors import MissingAccount

SYSTEM_PROGRAM = Pubkey.from_string("11111111111111111111111111111111")
TOKEN_PROGRAM = Pubkey.from_string("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
ASSOCIATED_TOKEN_PROGRAM = Pubkey.from_string("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")
CLOCK = Pubkey.from_string("SysvarC1ock11111111111111111111111111111111")
#: The address that means "none" in accounts.
NO_ADDRESS = Pubkey.default()


def derive(program: Pubkey, *seeds: bytes | Pubkey) -> Pubkey:
    """Returns the address that `program` derives from the seeds."""
    address, _ = Pubkey.find_program_address([bytes(seed) for seed in seeds], program)
    return address


def associated_address(owner: Pubkey, mint: Pubkey) -> Pubkey:
    """Returns the address of a wallet's token account."""
    return derive(ASSOCIATED_TOKEN_PROGRAM, owner, TOKEN_PROGRAM, mint)


def require(instruction: str, name: str, address: Pubkey | None, sources: str) -> Pubkey:
    """Returns the address, or an error that names the arguments that would provide it."""
    if address is None:
        raise MissingAccount(f"`{instruction}` requires the account `{name}`; give {sources}")
    return address
