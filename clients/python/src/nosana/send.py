"""Sends transactions: simulates, signs and delivers; signs again only after the first signature
has expired.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

from solders.hash import Hash

from nosana.deliver import POLL_SECONDS, deliver
from nosana.errors import TransactionError, TransactionExpired
from nosana.logs import decode_events
from nosana.records import Event
from nosana.request import Request
from nosana.simulate import choose_limits
from nosana.steps import Call, Flow, Pause
from nosana.transaction import MAX_COMPUTE_UNITS, Limits, compile_message, sign_message

#: The runtime's error after accounts have grown beyond the limit of the transaction.
TOO_MUCH_LOADED = "MaxLoadedAccountsDataSizeExceeded"
#: The runtime's errors after a transaction has used all its compute units.
LACKING_UNITS = ("ComputationalBudgetExceeded", "ProgramFailedToComplete")
#: The time within which the node must store a transaction that it has confirmed.
DETAILS_SECONDS = 15.0


@dataclass(frozen=True)
class Receipt:
    """A confirmed transaction."""

    #: The first signature, which identifies it.
    signature: str
    slot: int
    #: The fee in lamports, without rent.
    fee_lamports: int
    compute_units: int
    logs: list[str]
    #: The events of the three programs, in order.
    events: list[Event]


def may_lack_units(error: object) -> bool:
    """Whether a transaction may have used all its compute units. A program that crashes for another
    reason fails alike, and the second time as well.
    """
    if not isinstance(error, dict) or "InstructionError" not in error:
        return False
    return error["InstructionError"][1] in LACKING_UNITS


def can_raise_units(request: Request, limits: Limits) -> bool:
    """Whether the units follow from a simulation, and are not the most already."""
    return request.options.compute_units is None and limits.units < MAX_COMPUTE_UNITS


def send(request: Request) -> Flow[Receipt]:
    """Sends a transaction, and waits until it is confirmed and its details are known.

    If the simulation fails, nothing is sent or paid. There are never two transactions under way at
    once: the same bytes are sent again until they land or expire. A transaction that fails because
    it needs more loaded bytes or compute units than the simulation did is sent once more without
    that limit, unless `expiry_retries` is zero.
    """
    limits = yield from choose_limits(request)
    retries_left = request.options.expiry_retries
    may_sign_again = retries_left > 0
    while True:
        latest = yield Call("getLatestBlockhash", [{"commitment": request.commitment}])
        message = compile_message(
            request.instructions,
            request.signers[0].pubkey(),
            Hash.from_string(latest["value"]["blockhash"]),
            limits,
        )
        transaction = sign_message(message, request.signers)
        signature = str(transaction.signatures[0])
        last_height = latest["value"]["lastValidBlockHeight"]
        status = yield from deliver(transaction, last_height, request.commitment)

        if status is None:
            if retries_left <= 0:
                raise TransactionExpired(
                    f"the transaction {signature} expired before it landed; send it again with a "
                    "higher priority fee",
                    signature=signature,
                )
            retries_left -= 1
        elif may_sign_again and may_lack_units(status["err"]) and can_raise_units(request, limits):
            # Others have made its path longer, such as by more entries in a queue.
            limits = replace(limits, units=MAX_COMPUTE_UNITS)
        elif may_sign_again and limits.loaded_bytes and status["err"] == TOO_MUCH_LOADED:
            # Since the simulation its accounts have grown beyond the limit. It had no effect but
            # its fee. Another simulation could find the same number.
            limits = replace(limits, loaded_bytes=None)
        else:
            return (yield from conclude(request, signature, status, limits))


def conclude(
    request: Request, signature: str, status: dict[str, Any], limits: Limits
) -> Flow[Receipt]:
    """Reads the details of a transaction that has landed."""
    details = yield from find_details(signature)
    meta = details.get("meta") or {}
    logs = meta.get("logMessages") or []
    if status["err"] is not None:
        raise request.failure(status["err"], logs, signature, limits)
    if not meta:
        message = f"the transaction {signature} succeeded, but the node does not have its details"
        raise TransactionError(f"{message}; read the accounts", signature=signature)

    return Receipt(
        signature=signature,
        slot=details.get("slot", status["slot"]),
        fee_lamports=meta.get("fee", 0),
        compute_units=meta.get("computeUnitsConsumed") or 0,
        logs=logs,
        events=decode_events(logs),
    )


def find_details(signature: str) -> Flow[dict[str, Any]]:
    """Returns a confirmed transaction; an empty object if the node does not have it in time."""
    options = {"encoding": "json", "commitment": "confirmed", "maxSupportedTransactionVersion": 0}
    deadline = time.monotonic() + DETAILS_SECONDS
    while True:
        found: dict[str, Any] | None = yield Call("getTransaction", [signature, options])
        if found is not None:
            return found
        if time.monotonic() >= deadline:
            return {}
        yield Pause(POLL_SECONDS)
