/** Sums over the accounts that the page knows. */

import { JobState, SlotState } from "@nosana-programs/client";
import type { Address } from "@solana/kit";

import { jobCost } from "../rules/settlement.ts";
import type { JobBrief } from "./jobBrief.ts";
import type { NodeBrief } from "./nodeBrief.ts";

const DAY = 86_400n;
const HOUR = 3_600n;
const HOURS = 24;

/** What jobs are in which stage; a queued job that a node's slot claimed counts as matched. */
export interface StageCounts {
  queued: number;
  matched: number;
  running: number;
  submitted: number;
  disputed: number;
  settled: number;
}

export type Stage = keyof StageCounts;
export const STAGES: readonly Stage[] = [
  "queued",
  "matched",
  "running",
  "submitted",
  "disputed",
  "settled",
];

/** The jobs that slots of nodes have claimed and not started, with the time of the claim. */
export function claimedJobs(
  nodes: Iterable<NodeBrief>,
): Map<Address, { since: bigint; node: NodeBrief }> {
  const claimed = new Map<Address, { since: bigint; node: NodeBrief }>();
  for (const node of nodes) {
    // The other fields of a slot are read only if it has claimed a job.
    for (const slot of node.slots) {
      if (slot.state === SlotState.Claimed) claimed.set(slot.job, { since: slot.since, node });
    }
  }
  return claimed;
}

export function stageOf(state: JobState, isClaimed: boolean): Stage {
  switch (state) {
    case JobState.Queued:
      return isClaimed ? "matched" : "queued";
    case JobState.Matched:
      return "matched";
    case JobState.Running:
      return "running";
    case JobState.Submitted:
      return "submitted";
    case JobState.Challenged:
      return "disputed";
    case JobState.Settled:
      return "settled";
  }
}

export function countStages(
  jobs: Iterable<readonly [Address, JobBrief]>,
  claimed: ReadonlyMap<Address, unknown>,
): StageCounts {
  const counts = { queued: 0, matched: 0, running: 0, submitted: 0, disputed: 0, settled: 0 };
  for (const [address, { state }] of jobs) counts[stageOf(state, claimed.has(address))] += 1;
  return counts;
}

/** What was paid for jobs that were settled in the last day and whose accounts are still open. */
export function paidLastDay(jobs: Iterable<JobBrief>, now: bigint) {
  const sum = { node: 0n, network: 0n, payer: 0n, jobs: 0 };
  for (const job of jobs) {
    if (job.state !== JobState.Settled || job.settledAt <= now - DAY) continue;
    const { split } = jobCost(job, now);
    sum.node += split.node;
    sum.network += split.network;
    sum.payer += split.payer;
    sum.jobs += 1;
  }
  return sum;
}

/** The fields of a node that show how it is used. */
type NodeUseFields = Pick<NodeBrief, "vramMib" | "capacity"> & {
  slots: readonly { state: SlotState }[];
};

/** How the nodes are used. A node counts as active while a slot waits, works, or rests. */
export function nodeUse(nodes: Iterable<NodeUseFields>) {
  const use = { all: 0, active: 0, working: 0, vramMib: 0, usedVramMib: 0, slots: 0, usedSlots: 0 };
  for (const { slots, vramMib, capacity } of nodes) {
    use.all += 1;
    const waits = slots.filter(({ state }) => WAITING.includes(state)).length;
    const works = slots.filter(({ state }) => WORKING.includes(state)).length;
    if (waits + works === 0) continue;

    use.active += 1;
    use.vramMib += vramMib;
    use.slots += capacity;
    use.usedSlots += works;
    if (works > 0) {
      use.working += 1;
      use.usedVramMib += vramMib;
    }
  }
  return use;
}

const WAITING = [SlotState.Waiting, SlotState.Resting];
const WORKING = [SlotState.Claimed, SlotState.Running];

/** Jobs listed and settled in each of the last 24 hours; the last hour is the one that runs. */
export function jobsByHour(jobs: Iterable<JobBrief>, now: bigint) {
  const last = now / HOUR;
  const listed = new Array<number>(HOURS).fill(0);
  const settled = new Array<number>(HOURS).fill(0);
  const note = (counts: number[], at: bigint) => {
    const index = HOURS - 1 - Number(last - at / HOUR);
    if (at > 0n && index >= 0 && index < HOURS) counts[index] = (counts[index] ?? 0) + 1;
  };
  for (const job of jobs) {
    note(listed, job.listedAt);
    if (job.state === JobState.Settled) note(settled, job.settledAt);
  }

  const labels = listed.map((_, index) => hourLabel(last - BigInt(HOURS - 1 - index)));
  return { labels, listed, settled };
}

/** What settled jobs have paid their node in each of the last 24 hours. */
export function earnedByHour(jobs: Iterable<JobBrief>, now: bigint) {
  const last = now / HOUR;
  const earned = new Array<bigint>(HOURS).fill(0n);
  for (const job of jobs) {
    const index = HOURS - 1 - Number(last - job.settledAt / HOUR);
    if (job.state !== JobState.Settled || index < 0 || index >= HOURS) continue;
    earned[index] = (earned[index] ?? 0n) + jobCost(job, now).split.node;
  }
  return { labels: earned.map((_, index) => hourLabel(last - BigInt(HOURS - 1 - index))), earned };
}

function hourLabel(hour: bigint): string {
  return `${(hour % 24n).toString().padStart(2, "0")}:00`;
}
