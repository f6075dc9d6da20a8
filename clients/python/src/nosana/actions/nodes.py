"""Instructions of nodes. `authority` is the wallet that owns the node."""

from __future__ import annotations

from solders.instruction import Instruction
from solders.pubkey import Pubkey

from nosana import pda
from nosana.actions.clients import paid_account
from nosana.jobs import instructions
from nosana.jobs.accounts import Job
from nosana.jobs.types import Endpoint, Hardware, ReturnCause

#: Accepts any collateral that the market requires.
ANY_COLLATERAL = 2**64 - 1
NO_CHECKPOINT = bytes(32)


def register_node(authority: Pubkey, mint: Pubkey, hardware: Hardware) -> Instruction:
    """Registers the wallet's node, which is paid to the wallet's token account."""
    return instructions.register_node(authority=authority, hardware=hardware, config_nos_mint=mint)


def work(
    authority: Pubkey,
    market: Pubkey,
    *,
    min_price_per_second: int = 0,
    max_collateral: int = ANY_COLLATERAL,
) -> Instruction:
    """Takes the first waiting job of a market, or waits for one."""
    return instructions.work(
        authority=authority,
        market=market,
        min_price_per_second=min_price_per_second,
        max_collateral=max_collateral,
    )


def leave(authority: Pubkey, market: Pubkey, cell: int) -> Instruction:
    """Leaves `cell` of a market's queue."""
    return instructions.leave(authority=authority, market=market, cell=cell)


def release_collateral(authority: Pubkey) -> Instruction:
    """Releases the collateral that the node has kept and that no slot, result or seat uses.

    Do this before `stakers.withdraw`: what is locked cannot be withdrawn. It does nothing if there
    is none; `Node.idle_collateral` says how much there is.
    """
    return instructions.release_collateral(authority=authority)


def start(authority: Pubkey, address: Pubkey, job: Job) -> Instruction:
    """Starts a job; fails if its definition has changed or its timeout is shorter since read."""
    return instructions.start(
        authority=authority,
        job=address,
        definition=job.definition,
        min_timeout_seconds=job.timeout_seconds,
    )


def heartbeat(
    authority: Pubkey,
    address: Pubkey,
    job: Job,
    *,
    checkpoint: bytes = NO_CHECKPOINT,
    progress_bps: int = 0,
) -> Instruction:
    """Proves that the node still runs a job. A zero checkpoint keeps the last one."""
    return instructions.heartbeat(
        authority=authority,
        job=address,
        attempt_id=job.attempt_id,
        checkpoint=checkpoint,
        progress_bps=progress_bps,
        node=pda.node(authority),
    )


#: The trace of a job that is not verified.
NO_TRACE = bytes(32)


def finish(
    authority: Pubkey, address: Pubkey, job: Job, result: bytes, trace: bytes = NO_TRACE
) -> Instruction:
    """Submits the digest of a result, with the commitment to the trace of a verified job."""
    return instructions.finish(
        authority=authority,
        job=address,
        attempt_id=job.attempt_id,
        result=result,
        trace=trace,
        node_token=paid_account(job),
        job_account=job,
    )


#: The detail of a return about which the node says nothing.
NO_DETAIL = bytes(32)


def quit_job(
    authority: Pubkey,
    address: Pubkey,
    job: Job,
    cause: ReturnCause = ReturnCause.UNSPECIFIED,
    detail: bytes = NO_DETAIL,
) -> Instruction:
    """Gives a job back to the queue.

    `detail` is the digest of the node's words about the cause, and zeros if there are none.
    """
    return instructions.quit_(
        authority=authority,
        job=address,
        attempt_id=job.attempt_id,
        cause=cause,
        detail=detail,
        node_token=paid_account(job),
        job_account=job,
    )


def set_draining(authority: Pubkey, draining: bool) -> Instruction:
    """Stops the node from taking new jobs, or lets it take them again."""
    return instructions.set_draining(authority=authority, draining=draining)


def set_endpoint(authority: Pubkey, endpoint: Endpoint) -> Instruction:
    """Announces where clients can connect to the node."""
    return instructions.set_endpoint(authority=authority, endpoint=endpoint)


def update_hardware(authority: Pubkey, hardware: Hardware) -> Instruction:
    """Changes the hardware that the node commits to."""
    return instructions.update_hardware(authority=authority, hardware=hardware)
