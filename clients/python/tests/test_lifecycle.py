"""A job's whole life on a local network, with this package as client, node and staker."""

from __future__ import annotations

import json
from typing import Any

from solders.pubkey import Pubkey

from nosana import Client, actions, associated_address, pda
from nosana.content import identifier
from nosana.definition import command, define
from nosana.errors import JobFailed, ProgramError, TimedOut, TokenError
from nosana.jobs import errors, events
from nosana.jobs.accounts import Job, Market, Node, QueueHeader
from nosana.jobs.types import Hardware, JobState, Reason, ReturnCause, Side
from nosana.staking.accounts import Stake
from tests.network import NetworkTest

YEAR = 365 * 86_400
NOS = 1_000_000
HARDWARE = Hardware(
    digest=bytes([7] * 32),
    vram_mib=8_192,
    prompt_tokens_per_second=100,
    capacity=2,
    capabilities=1,
    memory_mib=2_048,
)
DEFINITION = define(command("hello", "echo hello"))
EVENT_SECONDS = 20


def result_of(definition: bytes, output: str, status: str = "ok") -> dict[str, Any]:
    """The file that a node submits."""
    is_ok = status == "ok"
    operation = {
        "id": "hello",
        "status": status,
        "started_unix_ms": 1,
        "ended_unix_ms": 2,
        "output": output if is_ok else None,
        "error": None if is_ok else "out of order",
    }
    return {
        "version": "nosana-result/1",
        "definition": identifier(definition),
        "ops": [operation],
        "engine": {"device": "a test", "backend": "cpu"},
    }


class Lifecycle(NetworkTest):
    client: Client
    node: Client
    mint: Pubkey

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.client = cls.network.client("client")
        cls.node = cls.network.client("node")
        cls.mint = cls.client.mint()
        owner = cls.node.address
        cls.node.send(
            actions.stakers.open_stake(owner, cls.mint, 1_000 * NOS, YEAR),
            actions.stakers.enter(owner),
            actions.nodes.register_node(owner, cls.mint, HARDWARE),
        )

    @property
    def market(self) -> Pubkey:
        return self.client.settings.required_market(None)

    def take_job(self) -> tuple[Pubkey, Job]:
        """Posts a job, which the node takes from the queue and starts."""
        posted = self.client.post(DEFINITION, timeout_seconds=60)
        self.node.send(actions.nodes.work(self.node.address, self.market))
        assignment = self.node.assignment()
        assert assignment is not None
        address, job = assignment
        self.assertEqual(address, posted.address)
        self.node.send(actions.nodes.start(self.node.address, address, job))
        return address, self.client.fetch(Job, address)

    def submit(self, address: Pubkey, job: Job, output: str = "hello\n") -> bytes:
        """Stores a result with one log, and submits its digest."""
        store = self.node.settings.required_store()
        log = identifier(store.put(output.encode()))
        step = {"name": "step 1", "exit_code": 0, "log": log}
        content = identifier(store.put_json({"steps": [step], "artifacts": []}))
        result = store.put_json(result_of(job.definition, content))
        self.node.send(actions.nodes.finish(self.node.address, address, job, result))
        return result

    def test_a_result_is_paid_to_the_base_unit(self) -> None:
        before = self.client.balance(), self.node.balance()
        address, job = self.take_job()
        live = self.client.follow(address, timeout_seconds=EVENT_SECONDS)
        self.node.send(actions.nodes.heartbeat(self.node.address, address, job, progress_bps=5_000))
        heartbeat = next(live)
        self.assertIsInstance(heartbeat.event, events.JobHeartbeat)

        result = self.submit(address, job)
        read = self.client.conclude(address, timeout_seconds=EVENT_SECONDS)
        self.assertEqual(read.content, identifier(result))
        self.assertEqual(read.logs("hello"), {"step 1": b"hello\n"})
        self.assertEqual(read.exit_codes("hello"), {"step 1": 0})

        settled = self.client.wait(address, states=[JobState.SETTLED])
        self.assertEqual((settled.state, settled.reason), (JobState.SETTLED, Reason.COMPLETED))
        seconds = max(settled.submitted_at - settled.started_at, 1)
        pay = seconds * settled.price_per_second
        fee = pay * settled.network_fee_bps // 10_000
        after = self.client.balance(), self.node.balance()
        self.assertEqual((before[0] - after[0], after[1] - before[1]), (pay + fee, pay))
        self.check_events(address, settled)
        self.assertIsInstance(next(live).event, events.JobSubmitted)

    def check_events(self, address: Pubkey, settled: Job) -> None:
        past = [each.event for each in self.client.events(address)]
        names = [type(event).__name__ for event in past]
        expected = ["JobListed", "JobStarted", "JobHeartbeat", "JobSubmitted", "JobSettled"]
        self.assertEqual(names, expected)
        last = past[-1]
        assert isinstance(last, events.JobSettled)
        self.assertEqual((last.job, last.result), (address, settled.result))
        self.assertEqual(Reason(last.reason), Reason.COMPLETED)
        self.assertLess(abs(self.client.clock() - last.settled_at), 120)

    def test_a_waiting_node_is_matched_and_can_give_the_job_back(self) -> None:
        self.node.send(actions.nodes.work(self.node.address, self.market))
        queue = self.client.fetch(QueueHeader, pda.queue(self.market))
        self.assertEqual((queue.side, queue.live), (Side.NODES, 1))
        posted = self.client.post(DEFINITION, timeout_seconds=60)
        self.assertEqual(self.client.fetch(Job, posted.address).state, JobState.MATCHED)

        address, job = self.node.assignment() or self.fail("the node is matched")
        self.assertEqual(address, posted.address)
        cause = ReturnCause.NODE_BUSY
        self.node.send(actions.nodes.quit_job(self.node.address, address, job, cause))
        job = self.client.fetch(Job, address)
        self.assertEqual((job.state, job.return_cause), (JobState.QUEUED, cause))
        self.client.cancel(address)
        with self.assertRaisesRegex(JobFailed, "CANCELLED"):
            self.client.result(address)

    def test_a_job_in_the_queue_is_listed_extended_cancelled_and_refunded(self) -> None:
        before = self.client.balance()
        posted = self.client.post(DEFINITION, timeout_seconds=60)
        found = self.client.list_accounts(
            Job, client=self.client.address, market=self.market, state=JobState.QUEUED
        )
        self.assertIn(posted.address, found)
        self.assertEqual(found[posted.address].definition, posted.definition)
        self.client.extend(posted.address, 40)
        self.assertEqual(self.client.fetch(Job, posted.address).timeout_seconds, 100)
        self.assertLess(self.client.balance(), before)
        with self.assertRaisesRegex(TimedOut, "is QUEUED after 0 s"):
            self.client.wait(posted.address, timeout_seconds=0)

        receipt = self.client.cancel(posted.address)
        self.assertIsInstance(receipt.events[0], events.JobSettled)
        self.assertEqual(self.client.balance(), before)
        job = self.client.find_many(Job, [posted.address, self.market_free_address()])
        self.assertEqual([each and each.state for each in job], [JobState.SETTLED, None])

    def market_free_address(self) -> Pubkey:
        return pda.job(self.client.address, 3)

    def test_a_result_can_be_rejected_and_run_again(self) -> None:
        address, job = self.take_job()
        self.submit(address, job)
        receipt = self.client.reject(address, requeue=True)
        names = [type(event).__name__ for event in receipt.events]
        self.assertEqual(names, ["ResultRejected", "JobRequeued"])
        requeued = self.client.fetch(Job, address)
        self.assertEqual(requeued.state, JobState.QUEUED)
        self.assertNotEqual(requeued.attempt_id, job.attempt_id)
        self.client.cancel(address)

    def test_a_running_job_is_stopped_and_another_wallet_can_pay(self) -> None:
        sponsor = self.network.client("deployer")
        before = self.client.balance(), sponsor.balance()
        payer = sponsor.settings.required_signer()
        posted = self.client.post(DEFINITION, timeout_seconds=60, payer=payer)
        self.node.send(actions.nodes.work(self.node.address, self.market))
        job = self.client.fetch(Job, posted.address)
        self.node.send(actions.nodes.start(self.node.address, posted.address, job))
        self.client.stop(posted.address)
        stopped = self.client.fetch(Job, posted.address)
        self.assertEqual((stopped.reason, stopped.payer), (Reason.CLIENT_STOPPED, sponsor.address))
        self.assertEqual(self.client.balance(), before[0])
        self.assertLess(sponsor.balance(), before[1])

    def test_refusals_have_the_names_of_the_idl_and_cost_nothing(self) -> None:
        before = self.client.balance()
        terms = self.client.fetch(Market, self.market).terms
        cases: list[tuple[type[ProgramError], dict[str, Any]]] = [
            (errors.PriceAboveMaximum, {"max_price_per_second": terms.price_per_second - 1}),
            (errors.TimeoutOutOfRange, {"timeout_seconds": terms.max_timeout_seconds + 1}),
        ]
        for error, options in cases:
            with self.assertRaises(error) as caught:
                self.client.post(DEFINITION, **options)
            self.assertIsNone(caught.exception.signature, "refused in the simulation")
        with self.assertRaises(errors.EmptyDigest):
            self.client.post(bytes(32))

        posted = self.client.post(DEFINITION, timeout_seconds=60)
        job = self.client.fetch(Job, posted.address)
        stranger = self.network.client("deployer")
        with self.assertRaises(errors.NotClient):
            stranger.send(
                actions.clients.top_up(stranger.address, posted.address, job, self.mint, 1),
                self.as_stranger(stranger, posted.address, job),
            )
        self.client.cancel(posted.address)
        with self.assertRaises(errors.WrongState):
            self.client.cancel(posted.address)
        self.assertEqual(self.client.balance(), before)

    def as_stranger(self, stranger: Client, address: Pubkey, job: Job) -> Any:
        from nosana.jobs import instructions

        return instructions.cancel(client=stranger.address, job=address, cell=0, job_account=job)

    def test_errors_of_called_programs_are_theirs(self) -> None:
        poor = actions.stakers.top_up_stake(self.node.address, self.mint, 10**15)
        with self.assertRaises(TokenError) as caught:
            self.node.send(poor)
        self.assertEqual(caught.exception.name, "InsufficientFunds")

    def test_a_node_and_its_stake_are_read(self) -> None:
        owner = self.node.address
        nodes = self.client.list_accounts(Node, authority=owner)
        self.assertEqual(list(nodes), [pda.node(owner)])
        node = nodes[pda.node(owner)]
        self.assertEqual((node.hardware, node.vram_mib), (HARDWARE.digest, HARDWARE.vram_mib))
        self.assertEqual(node.payout, associated_address(owner, self.mint))
        stake = self.client.fetch(Stake, node.stake)
        self.assertEqual((stake.owner, stake.amount), (owner, 1_000 * NOS))
        json.dumps([str(node.authority), stake.xnos])


if __name__ == "__main__":
    import unittest

    unittest.main()
