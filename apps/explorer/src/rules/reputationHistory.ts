/**
 * What a node's reputation was after each of its settled jobs: the evidence that each one added
 * (`settlement_evidence` of `crates/protocol/src/reputation.rs`), taken back one by one.
 */

import { JobKind, JobState, Reason } from "@nosana-programs/client";
import type { Job } from "@nosana-programs/client/jobs";

import { DAY, scoreOf, unfadeValue, type Evidence } from "./reputation.ts";
import { jobCost, type CostFields } from "./settlement.ts";

/** The most that one settlement counts on either side: 1,000 NOS. */
const MAX_EVIDENCE = 1_000_000_000n;

/** A score, in basis points, and since when it holds. */
export interface ScorePoint {
  at: bigint;
  scoreBps: bigint;
}

/** The fields of a job that decide what it adds. */
export type EvidenceFields = CostFields &
  Pick<Job, "promisedSeconds" | "challengeSeconds" | "client" | "payer" | "payerToken">;

/** The accounts of a node that show whether a job is its own. */
export interface NodeAccounts {
  authority: string;
  payout: string;
}

/** Returns what a settled job added to its node's reputation. */
export function jobEvidence(job: EvidenceFields, node: NodeAccounts): Omit<Evidence, "at"> {
  const isOwn =
    [job.client, job.payer].some((party) => party === node.authority) ||
    job.payerToken === node.payout;
  if (job.state !== JobState.Settled || job.startedAt === 0n || isOwn) return { good: 0n, bad: 0n };

  const isService = job.kind === JobKind.Service;
  const earned = jobCost(job, job.settledAt).split.node;
  const isUnchecked = job.reason === Reason.Completed && !isService && job.challengeSeconds === 0;
  const promised = job.pricePerSecond * job.promisedSeconds;
  const missing = promised > earned ? promised - earned : 0n;
  return {
    good: isUnchecked ? 0n : cap(earned),
    bad: hasFailed(job.reason, isService) ? cap(missing) : 0n,
  };
}

/** Returns the scores after each settlement, the oldest first, and the one before them all. */
export function scoreHistory(current: Evidence, settlements: readonly Evidence[]): ScorePoint[] {
  const newest = [...settlements].sort((one, other) => Number(other.at - one.at));
  const points: ScorePoint[] = [];
  let { good, bad } = current;

  newest.forEach(({ at, ...added }, index) => {
    points.push({ at, scoreBps: scoreOf({ good, bad }) });
    good = without(good, added.good);
    bad = without(bad, added.bad);

    const previous = newest[index + 1];
    if (!previous) return void points.push({ at: at - 1n, scoreBps: scoreOf({ good, bad }) });
    const days = dayOf(at, current.at) - dayOf(previous.at, current.at);
    good = unfadeValue(good, days);
    bad = unfadeValue(bad, days);
  });
  return points.reverse();
}

function hasFailed(reason: Reason, isService: boolean): boolean {
  switch (reason) {
    case Reason.DeadlineExceeded:
    case Reason.ResultWrong:
      return true;
    case Reason.Completed:
    case Reason.HeartbeatLost:
    case Reason.BackingLost:
      return isService;
    default:
      return false;
  }
}

/** Evidence fades at whole days before and after this moment. */
function dayOf(at: bigint, origin: bigint): bigint {
  const since = at - origin;
  return since >= 0n ? since / DAY : -((-since + DAY - 1n) / DAY);
}

const cap = (amount: bigint) => (amount < MAX_EVIDENCE ? amount : MAX_EVIDENCE);
const without = (whole: bigint, part: bigint) => (whole > part ? whole - part : 0n);
