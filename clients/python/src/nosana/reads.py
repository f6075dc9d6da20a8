"""Reads accounts, the clock, balances, and past transactions."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, TypeVar

from solders.pubkey import Pubkey

from nosana.addresses import CLOCK
from nosana.content.cid import to_base58
from nosana.errors import AccountNotFound, DecodeError
from nosana.logs import decode_events
from nosana.records import Account, Event
from nosana.steps import Call, Flow

AccountType = TypeVar("AccountType", bound=Account)

#: Accounts that nodes return per request.
MAX_ACCOUNTS = 100
#: Signatures that nodes return per request, and the most requests for them.
PAGE_SIZE = 1_000
MAX_PAGES = 20
#: The timestamp in the clock's account.
TIMESTAMP = slice(32, 40)


@dataclass(frozen=True)
class PastEvent:
    """An event of a past transaction."""

    signature: str
    slot: int
    #: Unix timestamp of the block; `None` if the node does not know it.
    at: int | None
    event: Event


def read_data(address: Pubkey, commitment: str) -> Flow[tuple[bytes, Pubkey] | None]:
    """Returns an account's data and its program; `None` if it does not exist."""
    options = {"encoding": "base64", "commitment": commitment}
    answer = yield Call("getAccountInfo", [str(address), options])
    return unpack_account(answer["value"])


def unpack_account(value: dict[str, Any] | None) -> tuple[bytes, Pubkey] | None:
    """Returns the data and the program of an account in an answer."""
    if value is None:
        return None
    return base64.b64decode(value["data"][0]), Pubkey.from_string(value["owner"])


def decode_account(
    kind: type[AccountType], address: Pubkey, found: tuple[bytes, Pubkey] | None
) -> AccountType | None:
    """Decodes an account; `None` if it does not exist or was closed."""
    if found is None or not found[0]:
        return None
    data, owner = found
    if owner != kind.PROGRAM_ID:
        raise DecodeError(f"{address} is not a {kind.__name__}: it belongs to {owner}")
    return kind.decode(data)


def find_account(
    kind: type[AccountType], address: Pubkey, commitment: str
) -> Flow[AccountType | None]:
    """Reads an account; `None` if it does not exist or was closed."""
    found = yield from read_data(address, commitment)
    return decode_account(kind, address, found)


def fetch_account(kind: type[AccountType], address: Pubkey, commitment: str) -> Flow[AccountType]:
    """Reads an account that exists."""
    found = yield from find_account(kind, address, commitment)
    if found is None:
        raise AccountNotFound(f"there is no {kind.__name__} at {address}; check the address")
    return found


def find_accounts(
    kind: type[AccountType], addresses: list[Pubkey], commitment: str
) -> Flow[list[AccountType | None]]:
    """Reads many accounts in few requests; `None` for those that do not exist."""
    found: list[AccountType | None] = []
    options = {"encoding": "base64", "commitment": commitment}
    for start in range(0, len(addresses), MAX_ACCOUNTS):
        page = addresses[start : start + MAX_ACCOUNTS]
        answer = yield Call("getMultipleAccounts", [[str(each) for each in page], options])
        for address, value in zip(page, answer["value"], strict=True):
            found.append(decode_account(kind, address, unpack_account(value)))
    return found


def list_accounts(
    kind: type[AccountType], fields: dict[str, Any], commitment: str
) -> Flow[dict[Pubkey, AccountType]]:
    """Lists the accounts of a type whose fields have these values, by their addresses.

    Nodes of busy clusters limit or forbid this request.
    """
    filters = [memcmp(0, kind.DISCRIMINATOR)]
    for name, value in fields.items():
        filters.append(memcmp(kind.field_offset(name), kind.field_bytes(name, value)))
    options = {"encoding": "base64", "commitment": commitment, "filters": filters}
    answer = yield Call("getProgramAccounts", [str(kind.PROGRAM_ID), options])

    found: dict[Pubkey, AccountType] = {}
    for item in answer:
        address = Pubkey.from_string(item["pubkey"])
        account = decode_account(kind, address, unpack_account(item["account"]))
        if account is not None:
            found[address] = account
    return found


def memcmp(offset: int, value: bytes) -> dict[str, Any]:
    """Returns a filter for accounts that have these bytes at this offset."""
    return {"memcmp": {"offset": offset, "bytes": to_base58(value)}}


def read_clock(commitment: str) -> Flow[int]:
    """Returns the cluster's time in unix seconds, which differs from this machine's."""
    found = yield from read_data(CLOCK, commitment)
    if found is None:
        raise AccountNotFound("the node does not have the clock; check its address")
    return int.from_bytes(found[0][TIMESTAMP], "little", signed=True)


def read_balance(token_account: Pubkey, commitment: str) -> Flow[int]:
    """Returns the base units in a token account."""
    options = {"commitment": commitment}
    answer = yield Call("getTokenAccountBalance", [str(token_account), options])
    return int(answer["value"]["amount"])


def list_events(address: Pubkey, commitment: str) -> Flow[list[PastEvent]]:
    """Returns the events of the transactions that name an account, the oldest first.

    Nodes delete old transactions, so the first ones may be missing.
    """
    commitment = "confirmed" if commitment == "processed" else commitment
    past: list[dict[str, Any]] = []
    before: dict[str, str] = {}
    for _ in range(MAX_PAGES):
        options = {"limit": PAGE_SIZE, "commitment": commitment, **before}
        page = yield Call("getSignaturesForAddress", [str(address), options])
        past += [item for item in page if item["err"] is None]
        if len(page) < PAGE_SIZE:
            break
        before = {"before": page[-1]["signature"]}

    events: list[PastEvent] = []
    options = {"encoding": "json", "commitment": commitment, "maxSupportedTransactionVersion": 0}
    for item in reversed(past):
        found = yield Call("getTransaction", [item["signature"], options])
        logs = ((found or {}).get("meta") or {}).get("logMessages") or []
        for event in decode_events(logs):
            events.append(PastEvent(item["signature"], item["slot"], item.get("blockTime"), event))
    return events
