/** The clocks of a job: which one runs, until when, and what happens when it is over. */

import { JobKind, JobState } from "@nosana-programs/client";
import type { Job } from "@nosana-programs/client/jobs";

/** A clock that runs. */
export interface JobClock {
  name: string;
  /** The last second before anyone may act, as the chain counts it. */
  endsAt: bigint;
  /** What anyone may do once it is over. */
  then: string;
}

/** Returns the clocks of a job that run now; `takenAt` is when a node's slot claimed it. */
export function runningClocks(job: Job, takenAt?: bigint): JobClock[] {
  switch (job.state) {
    case JobState.Queued:
      return takenAt === undefined ? [queueClock(job)] : [startClock(job, takenAt)];
    case JobState.Matched:
      return [startClock(job, job.matchedAt)];
    case JobState.Running:
      return [heartbeatClock(job), endClock(job)];
    case JobState.Submitted:
      return [
        {
          name: "Challenge window",
          endsAt: job.submittedAt + BigInt(job.challengeSeconds),
          then: "anyone may settle the job, and the node is paid",
        },
      ];
    case JobState.Challenged:
      return [];
    case JobState.Settled:
      return [
        {
          name: "Retention",
          endsAt: job.settledAt + BigInt(job.retentionSeconds),
          then: "anyone may close the account; its rent returns to the payer",
        },
      ];
  }
}

function queueClock(job: Job): JobClock {
  return {
    name: "Queue",
    endsAt: job.queuedAt + BigInt(job.queueSeconds),
    then: "anyone may end the wait, and the whole deposit returns to the payer",
  };
}

function startClock(job: Job, since: bigint): JobClock {
  return {
    name: "Start",
    endsAt: since + BigInt(job.startSeconds),
    then: "anyone may undo the match; the node pays the market's penalty",
  };
}

function heartbeatClock(job: Job): JobClock {
  return {
    name: "Heartbeat",
    endsAt: job.heartbeatAt + BigInt(job.heartbeatSeconds),
    then:
      job.kind === JobKind.Service
        ? "anyone may end the service; the node is paid to its last heartbeat"
        : "anyone may return the job to the queue; the node is not paid",
  };
}

function endClock(job: Job): JobClock {
  const end = job.startedAt + job.timeoutSeconds;
  if (job.kind === JobKind.Service) {
    return { name: "End of the service", endsAt: end, then: "anyone may settle it as completed" };
  }
  return {
    name: "Deadline of the result",
    endsAt: end + BigInt(job.finishGraceSeconds),
    then: "anyone may end the run, and the whole deposit returns to the payer",
  };
}
