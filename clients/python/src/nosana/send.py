"""Sends transactions: simulates, signs and delivers; signs again only after the first signature
has expired.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from solders.hash import Hash
from solders.instruction import Instruction

from nosana.deliver import POLL_SECONDS, deliver, to_base64
from nosana.errors import TransactionError, TransactionExpired
from nosana.failure import explain_failure
from nosana.logs import decode_events
from nosana.records import Event
from nosana.steps import Call, Flow, Pause
from nosana.transaction import (
    MAX_COMPUTE_UNITS,
    SendOptions,
    Signer,
    compile_message,
    sign_message,
    unsigned,
)

#: Compute units beyond those of the simulation: other transactions may land first.
SPARE_UNITS = 5_000
SPARE_DIVISOR = 10
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


@dataclass(frozen=True)
class Request:
    """Instructions to send."""

    instructions: Sequence[Instruction]
    #: The payer first.
    signers: Sequence[Signer]
    options: SendOptions
    commitment: str

    def failure(self, error: Any, logs: list[str], signature: str | None) -> Exception:
        """Returns the exception of this transaction after it failed."""
        programs = [instruction.program_id for instruction in self.instructions]
        return explain_failure(error, logs, programs, self.options.prefix, signature)


def send(request: Request) -> Flow[Receipt]:
    """Sends a transaction, and waits until it is confirmed and its details are known.

    If the simulation fails, nothing is sent or paid. There are never two transactions under way at
    once: the same bytes are sent again until they land or expire.
    """
    units = request.options.compute_units
    if units is None:
        used = yield from simulate(request)
        units = min(used + used // SPARE_DIVISOR + SPARE_UNITS, MAX_COMPUTE_UNITS)

    signature = ""
    for _ in range(request.options.expiry_retries + 1):
        latest = yield Call("getLatestBlockhash", [{"commitment": request.commitment}])
        message = compile_message(
            request.instructions,
            request.signers[0].pubkey(),
            Hash.from_string(latest["value"]["blockhash"]),
            units=units,
            priority_micro_lamports=request.options.priority_micro_lamports,
        )
        transaction = sign_message(message, request.signers)
        signature = str(transaction.signatures[0])
        last_height = latest["value"]["lastValidBlockHeight"]
        status = yield from deliver(transaction, last_height, request.commitment)
        if status is not None:
            return (yield from conclude(request, signature, status))
    raise TransactionExpired(
        f"the transaction {signature} expired before it landed; send it again with a higher "
        "priority fee",
        signature=signature,
    )


def simulate(request: Request) -> Flow[int]:
    """Returns the compute units that the transaction uses, or raises its error."""
    payer = request.signers[0].pubkey()
    message = compile_message(request.instructions, payer, Hash.default())
    options = {
        "encoding": "base64",
        "replaceRecentBlockhash": True,
        "sigVerify": False,
        "commitment": request.commitment,
    }
    answer = yield Call("simulateTransaction", [to_base64(unsigned(message)), options])

    outcome = answer["value"]
    if outcome["err"] is not None:
        # The simulation has one instruction before the caller's, whatever the options say.
        programs = [instruction.program_id for instruction in request.instructions]
        raise explain_failure(outcome["err"], outcome.get("logs") or [], programs, 1, None)
    return int(outcome.get("unitsConsumed") or MAX_COMPUTE_UNITS)


def conclude(request: Request, signature: str, status: dict[str, Any]) -> Flow[Receipt]:
    """Reads the details of a transaction that has landed."""
    details = yield from find_details(signature)
    meta = details.get("meta") or {}
    logs = meta.get("logMessages") or []
    if status["err"] is not None:
        raise request.failure(status["err"], logs, signature)
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
