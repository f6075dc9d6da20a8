"""Where a job waits, and which node holds it."""

from __future__ import annotations

from solders.pubkey import Pubkey

from nosana import pda
from nosana.addresses import NO_ADDRESS
from nosana.errors import AccountNotFound
from nosana.jobs.accounts import Job, Node, QueueHeader
from nosana.jobs.types import JobState, Side, SlotState
from nosana.reads import fetch_account, list_accounts
from nosana.settings import Settings
from nosana.steps import Flow


def find_cell(settings: Settings, market: Pubkey, waiting: Pubkey) -> Flow[int]:
    """Returns the cell of the queue in which a job or node waits; 0 if it does not."""
    queue = yield from fetch_account(QueueHeader, pda.queue(market), settings.commitment)
    if queue.side == Side.EMPTY:
        return 0
    addresses = [cell.address for cell in queue.cells]
    return addresses.index(waiting) if waiting in addresses else 0


def find_holder(settings: Settings, address: Pubkey, job: Job) -> Flow[Pubkey]:
    """Returns the wallet of the node that holds a job.

    A job that a node took from the queue does not name the node before the start: only the node's
    slot names the job. So this may list the accounts of all nodes.
    """
    if job.node != NO_ADDRESS:
        node = yield from fetch_account(Node, job.node, settings.commitment)
        return node.authority

    nodes = yield from list_accounts(Node, {}, settings.commitment)
    for node in nodes.values():
        if any(slot.job == address for slot in node.slots):
            return node.authority
    raise AccountNotFound(f"no node holds the job {address}; its state is {job.state.name}")


def find_assignment(settings: Settings, authority: Pubkey) -> Flow[tuple[Pubkey, Job] | None]:
    """Returns the job that the wallet's node took or was matched with; `None` if there is none."""
    address = pda.node(authority)
    node = yield from fetch_account(Node, address, settings.commitment)
    for slot in node.slots:
        if slot.state in (SlotState.CLAIMED, SlotState.RUNNING):
            job = yield from fetch_account(Job, slot.job, settings.commitment)
            return slot.job, job

    matched = yield from list_accounts(
        Job, {"node": address, "state": JobState.MATCHED}, settings.commitment
    )
    return next(iter(matched.items()), None)
