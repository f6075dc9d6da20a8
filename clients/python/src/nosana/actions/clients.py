"""Instructions of clients."""

from __future__ import annotations

from solders.instruction import Instruction
from solders.pubkey import Pubkey

from nosana import pda
from nosana.addresses import NO_ADDRESS
from nosana.jobs import instructions
from nosana.jobs.accounts import Job
from nosana.jobs.types import JobKind


def list_job(
    client: Pubkey,
    market: Pubkey,
    mint: Pubkey,
    *,
    nonce: int,
    definition: bytes,
    timeout_seconds: int,
    max_price_per_second: int,
    kind: JobKind = JobKind.BATCH,
    is_private: bool = False,
    payer: Pubkey | None = None,
) -> Instruction:
    """Lists a job. The payer's token account pays the deposit and receives the refund."""
    return instructions.list_(
        client=client,
        payer=payer or client,
        market=market,
        nonce=nonce,
        definition=definition,
        kind=kind,
        timeout_seconds=timeout_seconds,
        max_price_per_second=max_price_per_second,
        is_private=is_private,
        config_nos_mint=mint,
    )


def cancel(address: Pubkey, job: Job, cell: int = 0) -> Instruction:
    """Cancels a job that waits in `cell` of its queue, or that is matched."""
    return instructions.cancel(client=job.client, job=address, cell=cell, job_account=job)


def extend(
    address: Pubkey, job: Job, mint: Pubkey, added_seconds: int, payer: Pubkey | None = None
) -> Instruction:
    """Extends a job's timeout; its budget pays first, then the payer's token account."""
    return instructions.extend(
        client=job.client,
        payer=payer or job.client,
        job=address,
        added_seconds=added_seconds,
        job_account=job,
        vault_mint=mint,
    )


def top_up(authority: Pubkey, address: Pubkey, job: Job, mint: Pubkey, amount: int) -> Instruction:
    """Adds base units to a job's budget from the authority's token account."""
    return instructions.top_up(
        authority=authority,
        job=address,
        amount=amount,
        job_account=job,
        config_nos_mint=mint,
    )


def stop(address: Pubkey, job: Job, node_authority: Pubkey) -> Instruction:
    """Stops a job that runs, or that a node took; `node_authority` owns that node."""
    return instructions.stop(
        authority=job.client,
        job=address,
        attempt_id=job.attempt_id,
        node=pda.node(node_authority),
        node_token=paid_account(job),
        job_account=job,
    )


def accept(address: Pubkey, job: Job) -> Instruction:
    """Accepts a result before its challenge window is over."""
    return instructions.accept(
        authority=job.client,
        job=address,
        attempt_id=job.attempt_id,
        job_account=job,
    )


def reject(address: Pubkey, job: Job, *, requeue: bool = False) -> Instruction:
    """Rejects a result before its challenge window is over: the node's pay goes to the network.

    With `requeue` the client pays that on top, and the job returns to the queue.
    """
    return instructions.reject(
        authority=job.client,
        job=address,
        attempt_id=job.attempt_id,
        requeue=requeue,
        job_account=job,
    )


def collect(authority: Pubkey, address: Pubkey, job: Job, mint: Pubkey) -> Instruction:
    """Pays the credit that a job owes to `authority` into its token account."""
    return instructions.collect(
        authority=authority,
        job=address,
        node=None if job.node == NO_ADDRESS else job.node,
        job_account=job,
        vault_mint=mint,
    )


def clean(address: Pubkey, job: Job) -> Instruction:
    """Closes a settled job after its retention, and refunds its rent."""
    return instructions.clean(job=address, job_account=job)


def settle(authority: Pubkey, address: Pubkey, job: Job) -> Instruction:
    """Settles a result after its challenge window."""
    return instructions.settle(authority=authority, job=address, job_account=job)


def paid_account(job: Job) -> Pubkey:
    """Returns the token account that is paid for the work.

    A job that has not started pays no node, but the instruction requires a writable account: the
    payer's takes its place.
    """
    return job.payer_token if job.node_token == NO_ADDRESS else job.node_token
