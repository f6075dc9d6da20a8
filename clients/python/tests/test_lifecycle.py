"""A job's whole life on a local network, with this package as client, node and staker."""

from __future__ import annotations

from solders.pubkey import Pubkey

from nosana import actions, pda
from nosana.content import identifier
from nosana.errors import ContentError, JobFailed, TimedOut
from nosana.jobs import errors, events
from nosana.jobs.accounts import Job, Market, Node, QueueHeader
from nosana.jobs.types import JobKind, JobState, Reason, ReturnCause, Side
from nosana.staking.accounts import Stake
from nosana.staking.events import CollateralChanged
from tests.roles import DEFINITION, RolesTest, result_of

EVENT_SECONDS = 20


class Lifecycle(RolesTest):
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
        # The staking program logs its own events in the same transactions.
        past = [each.event for each in self.client.events(address)]
        past = [event for event in past if not isinstance(event, CollateralChanged)]
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
        self.assertEqual(set(names), {"ResultRejected", "JobRequeued"})
        requeued = self.client.fetch(Job, address)
        self.assertEqual(requeued.state, JobState.QUEUED)
        self.assertNotEqual(requeued.attempt_id, job.attempt_id)
        self.client.cancel(address)

    def test_collateral_stays_locked_until_its_owner_releases_it(self) -> None:
        collateral = self.client.fetch(Market, self.market).terms.collateral_per_job
        self.assertGreater(collateral, 0)
        release = actions.nodes.release_collateral(self.node.address)
        self.node.send(release)
        before = self.collateral()[1]
        self.assertEqual(self.collateral(), (0, before))

        address, _ = self.take_job()
        self.client.stop(address)
        self.assertEqual(self.collateral(), (collateral, before + collateral))
        address, _ = self.take_job()
        self.assertEqual(self.collateral(), (0, before + collateral))
        self.client.stop(address)
        self.node.send(release)
        self.assertEqual(self.collateral(), (0, before))

    def collateral(self) -> tuple[int, int]:
        """Base units that the node keeps and does not use, and all that are locked."""
        node = self.client.fetch(Node, pda.node(self.node.address))
        return node.idle_collateral, self.client.fetch(Stake, node.stake).locked

    def test_a_result_that_answers_another_definition_is_not_accepted(self) -> None:
        address, job = self.take_job()
        store = self.node.settings.required_store()
        wrong = store.put_json(result_of(bytes([9] * 32), identifier(store.put(b"{}"))))
        self.node.send(actions.nodes.finish(self.node.address, address, job, wrong))
        with self.assertRaisesRegex(ContentError, "is the result of another definition"):
            self.client.conclude(address, timeout_seconds=EVENT_SECONDS)

        before = self.node.balance()
        self.client.reject(address)
        settled = self.client.fetch(Job, address)
        self.assertEqual(
            (settled.state, settled.reason), (JobState.SETTLED, Reason.RESULT_REJECTED)
        )
        self.assertEqual(self.node.balance(), before)

    def test_a_result_is_settled_by_anyone_once_its_window_is_over(self) -> None:
        address, job = self.take_job()
        self.submit(address, job)
        stranger = self.network.client("deployer")
        job = self.client.fetch(Job, address)
        settle = actions.clients.settle(stranger.address, address, job)
        with self.assertRaises(errors.TooEarly):
            stranger.send(settle)

        self.network.advance_seconds(job.challenge_seconds + 1)
        before = self.node.balance()
        stranger.send(settle)
        self.assertGreater(self.node.balance(), before)
        self.network.advance_seconds(job.retention_seconds + 1)
        stranger.send(actions.clients.clean(address, job))
        self.assertIsNone(self.client.find(Job, address))

    def test_a_service_names_its_result_in_its_last_heartbeat(self) -> None:
        address, job = self.take_job(JobKind.SERVICE)
        with self.assertRaisesRegex(ContentError, "has no result; its state is RUNNING"):
            self.client.result(address)
        digest = self.store_result(job)
        authority = self.node.address
        self.heartbeat(address, job, digest, 9_999)
        with self.assertRaisesRegex(ContentError, "has no result; its state is RUNNING"):
            self.client.result(address)
        self.heartbeat(address, job, digest, 10_000)
        self.assertEqual(self.client.result(address).content, identifier(digest))

        with self.assertRaises(errors.ServiceHasNoResult):
            self.node.send(actions.nodes.finish(authority, address, job, digest))
        self.client.stop(address)
        self.assertEqual(self.client.result(address).logs("hello"), {"step 1": b"hello\n"})

    def heartbeat(self, address: Pubkey, job: Job, checkpoint: bytes, progress_bps: int) -> None:
        authority = self.node.address
        heartbeat = actions.nodes.heartbeat(
            authority, address, job, checkpoint=checkpoint, progress_bps=progress_bps
        )
        self.node.send(heartbeat)

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


if __name__ == "__main__":
    import unittest

    unittest.main()
