"""Which jobs have a result, and which digest in their accounts is that of a result."""

from __future__ import annotations

import dataclasses
import tempfile
import unittest
from typing import Any

from nosana.content import FolderStore
from nosana.errors import ContentError
from nosana.jobs.accounts import Job
from nosana.jobs.types import JobKind, JobState, Reason
from nosana.result import has_failed, load_result, result_digest

EMPTY = Job.decode(Job.DISCRIMINATOR + bytes(Job.layout_size() or 0))
RESULT = bytes([1] * 32)
CHECKPOINT = bytes([2] * 32)
#: A service whose node has named a result and reports that all of it is done.
SERVED = dataclasses.replace(
    EMPTY,
    kind=JobKind.SERVICE,
    state=JobState.SETTLED,
    reason=Reason.COMPLETED,
    started_at=1,
    checkpoint=CHECKPOINT,
    progress_bps=10_000,
)


def service(**fields: Any) -> Job:
    """Returns the service, with other values of these fields."""
    return dataclasses.replace(SERVED, **fields)


class HasFailed(unittest.TestCase):
    def test_a_batch_job_has_failed_that_was_settled_for_another_reason(self) -> None:
        for kind in (JobKind.BATCH, JobKind.VERIFIED_BATCH):
            job = service(kind=kind, result=RESULT)
            self.assertFalse(has_failed(job), kind.name)
            wrong = dataclasses.replace(job, reason=Reason.RESULT_WRONG)
            self.assertTrue(has_failed(wrong), kind.name)
            disputed = dataclasses.replace(wrong, state=JobState.SUBMITTED)
            self.assertFalse(has_failed(disputed), kind.name)

    def test_a_service_has_not_failed_when_its_client_stops_it(self) -> None:
        self.assertFalse(has_failed(service(reason=Reason.CLIENT_STOPPED)))


class ResultDigest(unittest.TestCase):
    def test_a_service_that_its_node_ran_to_the_end_has_the_result_of_its_last_heartbeat(
        self,
    ) -> None:
        self.assertEqual(result_digest(service()), CHECKPOINT)
        running = service(state=JobState.RUNNING, reason=Reason.NONE)
        self.assertEqual(result_digest(running), CHECKPOINT)
        for reason in (Reason.CLIENT_STOPPED, Reason.HEARTBEAT_LOST, Reason.BACKING_LOST):
            self.assertEqual(result_digest(service(reason=reason)), CHECKPOINT, reason.name)

    def test_a_service_that_was_cancelled_has_no_result(self) -> None:
        self.assertIsNone(result_digest(service(reason=Reason.CANCELLED)))

    def test_a_service_that_has_used_up_its_attempts_has_no_result(self) -> None:
        self.assertIsNone(result_digest(service(reason=Reason.ATTEMPTS_EXHAUSTED)))

    def test_a_service_that_waited_too_long_has_no_result(self) -> None:
        self.assertIsNone(result_digest(service(reason=Reason.EXPIRED)))

    def test_a_service_without_a_place_has_no_result(self) -> None:
        self.assertIsNone(result_digest(service(reason=Reason.UNPLACEABLE)))

    def test_a_service_that_never_started_has_no_result(self) -> None:
        self.assertIsNone(result_digest(service(started_at=0)))
        stopped = service(started_at=0, reason=Reason.CLIENT_STOPPED)
        self.assertIsNone(result_digest(stopped))
        for state in (JobState.QUEUED, JobState.MATCHED):
            waiting = service(started_at=0, state=state, reason=Reason.NONE)
            self.assertIsNone(result_digest(waiting), state.name)

    def test_the_report_of_a_service_is_not_its_result(self) -> None:
        self.assertIsNone(result_digest(service(progress_bps=9_999)))
        self.assertIsNone(result_digest(service(checkpoint=bytes(32))))

    def test_a_batch_has_its_result_whatever_its_checkpoint_is(self) -> None:
        for kind in (JobKind.BATCH, JobKind.VERIFIED_BATCH):
            batch = service(kind=kind, result=RESULT)
            self.assertEqual(result_digest(batch), RESULT, kind.name)
            self.assertIsNone(result_digest(service(kind=kind)), kind.name)

    def test_a_job_without_a_result_is_not_looked_for_in_the_store(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            store = FolderStore(folder)
            words = store.put_json({"version": "nosana-return/1"})
            returned = service(reason=Reason.ATTEMPTS_EXHAUSTED, checkpoint=words)
            with self.assertRaisesRegex(ContentError, "has no result; its state is SETTLED"):
                load_result(store, returned)


if __name__ == "__main__":
    unittest.main()
