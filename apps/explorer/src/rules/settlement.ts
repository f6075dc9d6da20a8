/**
 * What a job has cost, or costs if it ends now: the rules of `crates/protocol/src/settlement.rs`
 * and of `nosana job show`.
 */

import { JobKind, JobState, Reason, jobDeposit, networkFee } from "@nosana-programs/client";
import type { Job } from "@nosana-programs/client/jobs";

/** The parts of a deposit. They sum to it. */
export interface Split {
  node: bigint;
  payer: bigint;
  network: bigint;
}

/** What a job costs. */
export interface JobCost {
  isFinal: boolean;
  paidSeconds: bigint;
  deposit: bigint;
  split: Split;
}

/** The fields of a job that decide what it costs. */
export type CostFields = Pick<
  Job,
  | "state"
  | "reason"
  | "kind"
  | "pricePerSecond"
  | "timeoutSeconds"
  | "networkFeeBps"
  | "startedAt"
  | "heartbeatAt"
  | "heartbeatSeconds"
  | "submittedAt"
  | "settledAt"
  | "silentSeconds"
>;

/**
 * Returns the cost of a job at `now`: what was paid if it is settled, else what ending it now
 * would pay.
 */
export function jobCost(job: CostFields, now: bigint): JobCost {
  const deposit = jobDeposit(job.pricePerSecond, job.timeoutSeconds, job.networkFeeBps);
  const { reason, proven } = endOf(job, now);
  const paidSeconds = proven === undefined ? 0n : paidTime(job, reason, proven);

  const earned = job.pricePerSecond * paidSeconds;
  const fee = networkFee(earned, job.networkFeeBps);
  const payer = deposit - earned - fee;
  const split =
    reason === Reason.ResultRejected
      ? { node: 0n, payer, network: earned + fee }
      : { node: earned, payer, network: fee };

  return { isFinal: job.state === JobState.Settled, paidSeconds, deposit, split };
}

/** Why a job ended, or would end now, and the time that its node has proven. */
function endOf(job: CostFields, now: bigint): { reason: Reason; proven: bigint | undefined } {
  switch (job.state) {
    case JobState.Queued:
    case JobState.Matched:
      return { reason: Reason.Cancelled, proven: undefined };
    case JobState.Running:
      return { reason: Reason.ClientStopped, proven: provenTime(job, now) };
    case JobState.Submitted:
    case JobState.Challenged:
      return { reason: Reason.Completed, proven: span(job.startedAt, job.submittedAt) };
    case JobState.Settled:
      return { reason: job.reason, proven: settledTime(job) };
  }
}

/** The proven time of a settled job; undefined if no node had started it. */
function settledTime(job: CostFields): bigint | undefined {
  if (job.startedAt === 0n) return undefined;
  const hasResult = job.kind !== JobKind.Service;

  switch (job.reason) {
    case Reason.Completed:
      if (hasResult) return span(job.startedAt, job.submittedAt);
      return job.timeoutSeconds - min(job.silentSeconds, job.timeoutSeconds);
    case Reason.ResultRejected:
    case Reason.ResultWrong:
      return span(job.startedAt, job.submittedAt);
    case Reason.HeartbeatLost:
      return without(span(job.startedAt, job.heartbeatAt), job.silentSeconds);
    default:
      return provenTime(job, job.settledAt);
  }
}

/** The time that a node has proven at `now`: to the last heartbeat if its clock has run out. */
export function provenTime(job: CostFields, now: bigint): bigint {
  const isService = job.kind === JobKind.Service;
  const end = isService ? min(now, job.startedAt + job.timeoutSeconds) : now;
  const isLost = end > job.heartbeatAt + BigInt(job.heartbeatSeconds);

  const until = isLost ? job.heartbeatAt : end;
  return without(span(job.startedAt, until), isService ? job.silentSeconds : 0n);
}

function paidTime(job: CostFields, reason: Reason, proven: bigint): bigint {
  const capped = min(proven, job.timeoutSeconds);
  const atLeastOne = min(capped > 1n ? capped : 1n, job.timeoutSeconds);
  const isService = job.kind === JobKind.Service;

  switch (reason) {
    case Reason.Completed:
      return isService ? capped : atLeastOne;
    case Reason.ResultRejected:
      return isService ? 0n : atLeastOne;
    case Reason.ClientStopped:
      return atLeastOne;
    case Reason.HeartbeatLost:
      return capped;
    case Reason.BackingLost:
      return isService ? capped : 0n;
    case Reason.None:
    case Reason.Cancelled:
    case Reason.DeadlineExceeded:
    case Reason.AttemptsExhausted:
    case Reason.Expired:
    case Reason.Unplaceable:
    case Reason.ResultWrong:
      return 0n;
  }
}

const min = (a: bigint, b: bigint) => (a < b ? a : b);
const span = (from: bigint, to: bigint) => (to > from ? to - from : 0n);
const without = (whole: bigint, part: bigint) => (whole > part ? whole - part : 0n);
