/** Who may do what with a job now, in words. */

import { JobKind, JobState } from "@nosana-programs/client";
import type { Job } from "@nosana-programs/client/jobs";

import { runningClocks } from "./clocks.ts";

export type Actor = "client" | "node" | "anyone" | "payer";

/** Something that a party may do now. */
export interface Permission {
  who: Actor;
  /** The instruction. */
  action: string;
  effect: string;
}

/** Returns what each party may do with a job at `now`; `takenAt` is when a slot claimed it. */
export function findPermissions(job: Job, now: bigint, takenAt?: bigint): Permission[] {
  const isOver = (name: string) =>
    runningClocks(job, takenAt).some((clock) => clock.name === name && now > clock.endsAt);

  switch (job.state) {
    case JobState.Queued:
      return takenAt === undefined ? whileQueued(isOver("Queue")) : whileClaimed(isOver("Start"));
    case JobState.Matched:
      return whileMatched(isOver("Start"));
    case JobState.Running:
      return whileRunning(job, now);
    case JobState.Submitted:
      return whileSubmitted(job, now);
    case JobState.Challenged:
      return whileDisputed(job, now);
    case JobState.Settled:
      return onceSettled(job, now);
  }
}

function may(who: Actor, action: string, effect: string): Permission {
  return { who, action, effect };
}

const EXTEND = may("client", "extend", "buys more time at the job's price");
const TOP_UP = may("anyone", "top_up", "adds a budget with which the client can extend");

function whileQueued(isExpired: boolean): Permission[] {
  const rights = [
    may("node", "work", "the next node that asks takes the first waiting job"),
    may("client", "cancel", "the whole deposit returns to the payer"),
    EXTEND,
    TOP_UP,
  ];
  const expire = may("anyone", "expire_queued", "the whole deposit returns to the payer");
  return isExpired ? [expire, ...rights] : rights;
}

function whileClaimed(isExpired: boolean): Permission[] {
  if (isExpired) {
    return [may("anyone", "expire_match", "the node pays the penalty; the job is queued again")];
  }
  return [
    may("node", "start", "the pay clock begins"),
    may("node", "quit", "the job returns to the back of the queue; the slot rests"),
    may("client", "stop", "the whole deposit returns to the payer"),
    EXTEND,
    TOP_UP,
  ];
}

function whileMatched(isExpired: boolean): Permission[] {
  const cancel = may("client", "cancel", "the job ends, unpaid, if the node does not start it");
  if (isExpired) {
    return [
      may("anyone", "expire_match", "the node pays the penalty; the job is queued again"),
      cancel,
    ];
  }
  return [
    may("node", "start", "the pay clock begins"),
    may("node", "quit", "the job returns to the back of the queue; the slot rests"),
    cancel,
    EXTEND,
    TOP_UP,
  ];
}

function whileRunning(job: Job, now: bigint): Permission[] {
  const clocks = runningClocks(job);
  const isService = job.kind === JobKind.Service;
  const isDue = clocks.some((clock) => now > clock.endsAt);
  const deadline = job.startedAt + job.timeoutSeconds + BigInt(job.finishGraceSeconds);

  const rights = [may("client", "stop", "the node is paid for the time that it has proven")];
  if (!isDue) rights.push(EXTEND, TOP_UP);
  if (!isService && now <= deadline) {
    rights.unshift(may("node", "finish", "submits the result"));
  }
  rights.unshift(may("node", "heartbeat", "proves that the job still runs"));

  const expired = clocks.find((clock) => now > clock.endsAt);
  if (expired) rights.unshift(may("anyone", "expire_run", expired.then));
  return rights;
}

function whileSubmitted(job: Job, now: bigint): Permission[] {
  const accept = may("client", "accept", "the node is paid at once");
  if (now >= job.submittedAt + BigInt(job.challengeSeconds)) {
    return [may("anyone", "settle", "the node is paid"), accept];
  }

  const reject = may("client", "reject", "the node's pay goes to the stakers instead");
  const challenge = may("anyone", "challenge", "a panel judges the result, for a bond");
  return job.kind === JobKind.VerifiedBatch ? [accept, reject, challenge] : [accept, reject];
}

function whileDisputed(job: Job, now: bigint): Permission[] {
  const rights = [may("anyone", "resolve", "ends the dispute once its phases are over")];
  const isOpen = now < job.submittedAt + BigInt(job.challengeSeconds);
  if (isOpen && job.rejectionRequested === 0) {
    const effect = "the node's pay goes to the stakers if the dispute does not decide";
    rights.unshift(may("client", "reject", effect));
  }
  return rights;
}

function onceSettled(job: Job, now: bigint): Permission[] {
  const rights: Permission[] = [];
  if (job.nodeCredit > 0n) rights.push(may("node", "collect", "pays what the node is still owed"));
  if (job.payerCredit > 0n) rights.push(may("payer", "collect", "pays the rest of the refund"));

  const isKept = now < job.settledAt + BigInt(job.retentionSeconds);
  if (rights.length === 0 && !isKept) {
    rights.push(may("anyone", "clean", "closes the account; its rent returns to the payer"));
  }
  return rights;
}
