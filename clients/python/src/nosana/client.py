"""The client for programs without an event loop."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

from solders.instruction import Instruction
from solders.pubkey import Pubkey

from nosana import endings, jobflows, lookups, reads, subscribe
from nosana.addresses import associated_address
from nosana.content.store import Store
from nosana.definition import Definition
from nosana.jobflows import DEFAULT_TIMEOUT_SECONDS, ENDED, Posted
from nosana.jobs.accounts import Config, Job
from nosana.jobs.types import JobKind, JobState
from nosana.pda import jobs_config
from nosana.reads import AccountType, PastEvent
from nosana.result import JobResult
from nosana.send import Receipt
from nosana.settings import make_settings, read_info
from nosana.steps import Flow, Result, run_flow
from nosana.subscribe import LiveEvent
from nosana.transaction import SendOptions, Signer


class Client:
    """Lists jobs, waits for them, and reads results, accounts and events.

    Args:
        rpc_url: The node's address.
        signer: The wallet that signs and pays, such as `solders.keypair.Keypair`.
        ws_url: The address of the node's websocket, to follow events.
        store: The content store, or the path of its folder.
        market: The market in which jobs are listed, unless a call names another.
        commitment: `confirmed` or `finalized`.
        options: Compute limit, priority fee and retries of transactions.
    """

    def __init__(
        self,
        rpc_url: str,
        *,
        signer: Signer | None = None,
        ws_url: str | None = None,
        store: Store | str | os.PathLike[str] | None = None,
        market: Pubkey | str | None = None,
        commitment: str = "confirmed",
        options: SendOptions | None = None,
    ) -> None:
        self.settings = make_settings(
            rpc_url,
            signer=signer,
            ws_url=ws_url,
            store=store,
            market=market,
            commitment=commitment,
            options=options,
        )

    @classmethod
    def from_info(cls, path: str | os.PathLike[str], wallet: str = "client") -> Client:
        """Connects to a local network by the file that `nosana localnet --info-file` writes."""
        return cls(**read_info(path, wallet))

    @property
    def address(self) -> Pubkey:
        """The wallet's address."""
        return self.settings.required_signer().pubkey()

    def post(
        self,
        definition: Definition | bytes,
        *,
        market: Pubkey | None = None,
        timeout_seconds: int = DEFAULT_TIMEOUT_SECONDS,
        kind: JobKind = JobKind.BATCH,
        max_price_per_second: int | None = None,
        nonce: int | None = None,
        payer: Signer | None = None,
    ) -> Posted:
        """Stores a definition, and lists a job with its digest.

        Args:
            definition: What `define()` returns, or the digest of a stored definition.
            market: The market; defaults to the client's.
            timeout_seconds: Longest paid time. The deposit covers it; the rest is refunded.
            kind: A batch delivers a result, a service runs for its whole time.
            max_price_per_second: Defaults to the market's current price.
            nonce: Distinguishes the client's jobs; defaults to the time.
            payer: Another wallet that pays the deposit, the rent and the fees.
        """
        flow = jobflows.post(
            self.settings,
            definition,
            market=market,
            timeout_seconds=timeout_seconds,
            kind=kind,
            max_price_per_second=max_price_per_second,
            nonce=nonce,
            payer=payer,
        )
        return self._run(flow)

    def wait(
        self,
        job: Pubkey,
        *,
        states: Sequence[JobState] = ENDED,
        timeout_seconds: float | None = None,
    ) -> Job:
        """Waits until a job is in one of these states; by default, until it ended."""
        flow = jobflows.wait(self.settings, job, states=states, timeout_seconds=timeout_seconds)
        return self._run(flow)

    def result(self, job: Pubkey) -> JobResult:
        """Reads the result of a job; checks every hash."""
        return self._run(jobflows.read_result(self.settings, job))

    def conclude(self, job: Pubkey, *, timeout_seconds: float | None = None) -> JobResult:
        """Waits for the result of a job, checks it, and accepts it, which pays the node."""
        flow = endings.conclude(self.settings, job, timeout_seconds=timeout_seconds)
        return self._run(flow)

    def cancel(self, job: Pubkey) -> Receipt:
        """Cancels a job that waits; a matched one is settled once it comes back."""
        return self._run(endings.cancel(self.settings, job))

    def stop(self, job: Pubkey) -> Receipt:
        """Stops a job that runs, or that a node took."""
        return self._run(endings.stop(self.settings, job))

    def accept(self, job: Pubkey) -> Receipt:
        """Accepts a result before its challenge window is over, which pays the node."""
        return self._run(endings.accept(self.settings, job))

    def reject(self, job: Pubkey, *, requeue: bool = False) -> Receipt:
        """Rejects a result before its challenge window is over; with `requeue`, runs it again."""
        return self._run(endings.reject(self.settings, job, requeue=requeue))

    def extend(self, job: Pubkey, added_seconds: int) -> Receipt:
        """Extends a job's timeout, and pays for it."""
        return self._run(endings.extend(self.settings, job, added_seconds))

    def send(
        self,
        *instructions: Instruction,
        payer: Signer | None = None,
        signers: Sequence[Signer] = (),
        options: SendOptions | None = None,
    ) -> Receipt:
        """Sends instructions in one transaction, and waits until it is confirmed."""
        flow = jobflows.send_instructions(self.settings, instructions, payer, signers, options)
        return self._run(flow)

    def fetch(self, kind: type[AccountType], address: Pubkey) -> AccountType:
        """Reads an account, such as `nosana.jobs.accounts.Job`."""
        return self._run(reads.fetch_account(kind, address, self.settings.commitment))

    def find(self, kind: type[AccountType], address: Pubkey) -> AccountType | None:
        """Reads an account; `None` if it does not exist or was closed."""
        return self._run(reads.find_account(kind, address, self.settings.commitment))

    def find_many(
        self, kind: type[AccountType], addresses: Sequence[Pubkey]
    ) -> list[AccountType | None]:
        """Reads many accounts in few requests."""
        return self._run(reads.find_accounts(kind, list(addresses), self.settings.commitment))

    def list_accounts(self, kind: type[AccountType], **fields: Any) -> dict[Pubkey, AccountType]:
        """Lists the accounts of a type whose fields have these values, by their addresses."""
        return self._run(reads.list_accounts(kind, fields, self.settings.commitment))

    def assignment(self) -> tuple[Pubkey, Job] | None:
        """Returns the job that the wallet's node took or was matched with."""
        return self._run(lookups.find_assignment(self.settings, self.address))

    def mint(self) -> Pubkey:
        """Returns the mint of NOS."""
        return self.fetch(Config, jobs_config()).nos_mint

    def balance(self, owner: Pubkey | None = None) -> int:
        """Returns a wallet's NOS in base units; defaults to the client's own."""
        account = associated_address(owner or self.address, self.mint())
        return self._run(reads.read_balance(account, self.settings.commitment))

    def clock(self) -> int:
        """Returns the cluster's time in unix seconds."""
        return self._run(reads.read_clock(self.settings.commitment))

    def events(self, address: Pubkey) -> Sequence[PastEvent]:
        """Returns the past events of an account, such as a job or a market, the oldest first."""
        return self._run(reads.list_events(address, self.settings.commitment))

    def follow(
        self, address: Pubkey, *, timeout_seconds: float | None = None
    ) -> Iterator[LiveEvent]:
        """Returns the events of an account as they are confirmed; requires the extra `live`."""
        settings = self.settings
        return subscribe.follow(settings.ws_url, address, settings.commitment, timeout_seconds)

    def _run(self, flow: Flow[Result]) -> Result:
        return run_flow(flow, self.settings.rpc)
