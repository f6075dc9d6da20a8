/** What jobs cost, which clocks run, who may act, and what markets owe. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { JobKind, JobState, Reason } from "@nosana-programs/client";
import {
  DisputePhase,
  getJobDecoder,
  getJobEncoder,
  getNodeDecoder,
  JOB_ACCOUNT,
  NODE_ACCOUNT,
  SeatState,
  type Job,
  type Node,
} from "@nosana-programs/client/jobs";

import { JobBrief } from "../src/data/jobBrief.ts";
import { jobsByHour, nodeUse, paidLastDay } from "../src/data/totals.ts";
import { marketDebts, totalDebt } from "../src/rules/books.ts";
import { runningClocks } from "../src/rules/clocks.ts";
import { findPermissions } from "../src/rules/due.ts";
import { jobCost } from "../src/rules/settlement.ts";

/** A job of 600 s at 50, with a fee of a tenth, that started at 1,000. */
function runningJob(changes: Partial<Job> = {}): Job {
  const zeroed = new Uint8Array(getJobDecoder().fixedSize);
  zeroed.set(JOB_ACCOUNT.discriminator);
  return {
    ...getJobDecoder().decode(zeroed),
    state: JobState.Running,
    pricePerSecond: 50n,
    timeoutSeconds: 600n,
    networkFeeBps: 1_000,
    heartbeatSeconds: 20,
    finishGraceSeconds: 30,
    challengeSeconds: 60,
    retentionSeconds: 100,
    queueSeconds: 300,
    startSeconds: 30,
    startedAt: 1_000n,
    heartbeatAt: 1_010n,
    ...changes,
  };
}

const settled = (changes: Partial<Job>) => runningJob({ state: JobState.Settled, ...changes });

test("a result is paid until its submission, whatever the heartbeats", () => {
  const job = settled({ reason: Reason.Completed, submittedAt: 1_100n, settledAt: 9_000n });
  const { deposit, paidSeconds, split, isFinal } = jobCost(job, 99_999n);
  assert.deepEqual(split, { node: 5_000n, network: 500n, payer: 27_500n });
  assert.deepEqual([deposit, paidSeconds, isFinal], [33_000n, 100n, true]);

  const rejected = jobCost({ ...job, reason: Reason.ResultRejected }, 99_999n);
  assert.deepEqual(rejected.split, { node: 0n, network: 5_500n, payer: 27_500n });
});

test("a job that runs costs what stopping it would cost", () => {
  assert.equal(jobCost(runningJob(), 1_020n).split.node, 1_000n);
  assert.equal(jobCost(runningJob(), 1_030n).paidSeconds, 30n);
  // One second later its heartbeats are lost: only the proven time counts.
  assert.equal(jobCost(runningJob(), 1_031n).paidSeconds, 10n);
  assert.equal(jobCost(runningJob({ heartbeatAt: 1_000n }), 1_000n).paidSeconds, 1n);
});

test("what never ran, or ended without a claim to pay, costs nothing", () => {
  const free = [
    runningJob({ state: JobState.Queued, startedAt: 0n }),
    settled({ reason: Reason.Cancelled, startedAt: 0n }),
    settled({ reason: Reason.DeadlineExceeded, settledAt: 1_700n }),
    settled({ reason: Reason.ResultWrong, submittedAt: 1_100n }),
  ];
  for (const job of free) {
    const { split, paidSeconds } = jobCost(job, 2_000n);
    assert.deepEqual([split.payer, paidSeconds], [33_000n, 0n]);
  }
});

test("a service is paid for its time, without what was silent", () => {
  const service = { kind: JobKind.Service, silentSeconds: 40n, settledAt: 1_600n };
  assert.equal(jobCost(settled({ ...service, reason: Reason.Completed }), 0n).paidSeconds, 560n);
  const lost = { ...service, reason: Reason.HeartbeatLost, heartbeatAt: 1_100n };
  assert.equal(jobCost(settled(lost), 0n).paidSeconds, 60n);
});

test("the parts of a cost sum to the deposit", () => {
  for (let price = 1n; price < 40n; price += 3n) {
    for (let until = 1_001n; until < 1_700n; until += 37n) {
      const job = runningJob({ pricePerSecond: price, heartbeatAt: until });
      const { split, deposit } = jobCost(job, until);
      assert.equal(split.node + split.network + split.payer, deposit);
    }
  }
});

test("a brief reads the same as the whole account", () => {
  const job = runningJob({ nonce: 7n, escrow: 33_000n, listedAt: 990n, kind: JobKind.Service });
  const bytes = new Uint8Array(getJobEncoder().encode(job));
  const brief = new JobBrief(bytes);
  const names = Object.keys(Object.getOwnPropertyDescriptors(JobBrief.prototype)).filter(
    (name) => name !== "constructor" && name in job,
  ) as (keyof JobBrief & keyof Job)[];

  assert.ok(names.length >= 20, names.join());
  for (const name of names) assert.deepEqual(brief[name], job[name], name);
  assert.deepEqual(jobCost(brief, 1_020n), jobCost(job, 1_020n));
});

test("each state has its clocks", () => {
  const ends = (job: Job, takenAt?: bigint) =>
    runningClocks(job, takenAt).map(({ name, endsAt }) => `${name} ${endsAt}`);

  const queued = runningJob({ state: JobState.Queued, queuedAt: 900n });
  assert.deepEqual(ends(queued), ["Queue 1200"]);
  assert.deepEqual(ends(queued, 950n), ["Start 980"]);
  assert.deepEqual(ends(runningJob()), ["Heartbeat 1030", "Deadline of the result 1630"]);
  assert.deepEqual(ends(runningJob({ kind: JobKind.Service })), [
    "Heartbeat 1030",
    "End of the service 1600",
  ]);
  assert.deepEqual(ends(runningJob({ state: JobState.Submitted, submittedAt: 1_100n })), [
    "Challenge window 1160",
  ]);
  assert.deepEqual(ends(settled({ settledAt: 1_200n })), ["Retention 1300"]);
});

test("who may act follows the clocks", () => {
  const actions = (job: Job, now: bigint, takenAt?: bigint) =>
    findPermissions(job, now, takenAt).map(({ who, action }) => `${who} ${action}`);

  const queued = runningJob({ state: JobState.Queued, queuedAt: 900n });
  assert.ok(!actions(queued, 1_200n).includes("anyone expire_queued"));
  assert.ok(actions(queued, 1_201n).includes("anyone expire_queued"));
  assert.ok(actions(queued, 980n, 950n).includes("node start"));
  assert.deepEqual(actions(queued, 981n, 950n), ["anyone expire_match"]);

  assert.ok(actions(runningJob(), 1_030n).includes("client extend"));
  assert.ok(actions(runningJob(), 1_031n).includes("anyone expire_run"));
  assert.ok(!actions(runningJob({ heartbeatAt: 1_630n }), 1_631n).includes("node finish"));

  const submitted = runningJob({ state: JobState.Submitted, submittedAt: 1_100n });
  assert.deepEqual(actions(submitted, 1_159n), ["client accept", "client reject"]);
  assert.deepEqual(actions(submitted, 1_160n), ["anyone settle", "client accept"]);
  const disputed = { ...submitted, state: JobState.Challenged };
  assert.deepEqual(actions(disputed, 1_159n), ["client reject", "anyone resolve"]);
  assert.deepEqual(actions(disputed, 1_160n), ["anyone resolve"]);
  const rejected = { ...disputed, rejectionRequested: 1 };
  assert.deepEqual(actions(rejected, 1_159n), ["anyone resolve"]);
  assert.deepEqual(actions(settled({ settledAt: 1_200n }), 1_299n), []);
  assert.deepEqual(actions(settled({ settledAt: 1_200n }), 1_300n), ["anyone clean"]);
  const owed = settled({ settledAt: 1_200n, nodeCredit: 5n });
  assert.deepEqual(actions(owed, 1_300n), ["node collect"]);
});

test("a market owes escrows, credits, disputes, fees and its deposit", () => {
  const jobs = [runningJob({ escrow: 33_000n }), settled({ nodeCredit: 70n, payerCredit: 5n })];
  const seat = { state: SeatState.Revealed, fee: 10n };
  const disputes = [
    { phase: DisputePhase.Voting, panelFee: 100n, challengerCredit: 0n, seats: [seat] },
    {
      phase: DisputePhase.Resolved,
      panelFee: 100n,
      challengerCredit: 7n,
      seats: [seat, { ...seat, state: SeatState.Closed }],
    },
  ];
  const debts = marketDebts(jobs, disputes, 15n, 50_000_000n);
  assert.deepEqual(debts, {
    escrow: 33_000n,
    credits: 75n,
    disputes: 417n,
    fees: 15n,
    deposit: 50_000_000n,
  });
  assert.equal(totalDebt(debts), 50_033_507n);
});

test("totals count the last day, by hours of the chain", () => {
  const now = 100n * 3_600n + 10n;
  const briefs = [
    settled({ reason: Reason.Completed, submittedAt: 1_100n, settledAt: now - 86_399n }),
    settled({ reason: Reason.Completed, submittedAt: 1_100n, settledAt: now - 86_400n }),
    runningJob({ listedAt: now - 20n }),
  ].map((job) => new JobBrief(new Uint8Array(getJobEncoder().encode(job))));

  assert.deepEqual(paidLastDay(briefs, now), {
    node: 5_000n,
    network: 500n,
    payer: 27_500n,
    jobs: 1,
  });
  const { labels, listed, settled: ended } = jobsByHour(briefs, now);
  assert.equal(labels.at(-1), "04:00");
  // The listing was in the hour before; the first hour that is shown began 24 hours ago.
  assert.deepEqual([listed.at(-2), listed.at(-1)], [1, 0]);
  assert.equal(
    ended.reduce((sum, count) => sum + count, 0),
    0,
  );
});

test("a node is active while one of its slots waits or works", () => {
  const bytes = new Uint8Array(getNodeDecoder().fixedSize);
  bytes.set(NODE_ACCOUNT.discriminator);
  const idle: Node = { ...getNodeDecoder().decode(bytes), vramMib: 1_024, capacity: 2 };
  const withSlot = (state: number): Node => ({
    ...idle,
    slots: idle.slots.map((slot, index) => (index === 0 ? { ...slot, state } : slot)),
  });

  const { all, active, working, vramMib, usedVramMib } = nodeUse([idle, withSlot(1), withSlot(3)]);
  assert.deepEqual([all, active, working, vramMib, usedVramMib], [3, 2, 1, 2_048, 1_024]);
});
