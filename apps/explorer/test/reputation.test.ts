/** The history of a reputation, against the protocol's own steps forward. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { JobKind, JobState, Reason } from "@nosana-programs/client";
import { getJobDecoder, JOB_ACCOUNT, type Job } from "@nosana-programs/client/jobs";

import { fadeEvidence, scoreOf, type Evidence } from "../src/rules/reputation.ts";
import { jobEvidence, scoreHistory } from "../src/rules/reputationHistory.ts";

const NOS = 1_000_000n;
const DAY = 86_400n;
const NODE = { authority: "node", payout: "payout" };

/** Adds settlements one after the other, as the program does. */
function replay(settlements: readonly Evidence[]): { current: Evidence; scores: bigint[] } {
  let current: Evidence = { good: 0n, bad: 0n, at: 0n };
  const scores = settlements.map(({ good, bad, at }) => {
    const isFirst = current.good === 0n && current.bad === 0n;
    const faded = isFirst ? { ...current, at } : fadeEvidence(current, at);
    current = { good: faded.good + good, bad: faded.bad + bad, at: faded.at };
    return scoreOf(current);
  });
  return { current, scores };
}

test("the scores within a day are exact", () => {
  const settlements = [
    { at: 1_000n, good: 20n * NOS, bad: 0n },
    { at: 1_060n, good: 0n, bad: 60n * NOS },
    { at: 50_000n, good: 5n * NOS, bad: 0n },
  ];
  const { current, scores } = replay(settlements);
  const points = scoreHistory(current, settlements);
  assert.deepEqual(
    points.slice(1).map(({ scoreBps }) => scoreBps),
    scores,
  );
  assert.deepEqual(points[0], { at: 999n, scoreBps: 5_000n });
  assert.deepEqual([scores[0], scores[1]], [7_500n, 3_000n]);
});

test("the scores over months are within a basis point", () => {
  const settlements = Array.from({ length: 60 }, (_, index) => ({
    at: 7_000n + BigInt(index) * ((DAY * 9n) / 5n),
    good: BigInt((index * 37) % 90) * NOS + 123_457n,
    bad: index % 7 === 0 ? 40n * NOS : 0n,
  }));
  const { current, scores } = replay(settlements);
  const points = scoreHistory(current, settlements);
  assert.equal(points.length, settlements.length + 1);
  scores.forEach((score, index) => {
    const found = points[index + 1]?.scoreBps ?? -1n;
    assert.ok(found - score <= 1n && score - found <= 1n, `${index}: ${found} for ${score}`);
  });
});

test("without a settled job there is no history", () => {
  assert.deepEqual(scoreHistory({ good: 5n, bad: 0n, at: 0n }, []), []);
});

/** A settled job of 600 s at 50 that ran for 100 s. */
function settledJob(changes: Partial<Job>): Job {
  const zeroed = new Uint8Array(getJobDecoder().fixedSize);
  zeroed.set(JOB_ACCOUNT.discriminator);
  return {
    ...getJobDecoder().decode(zeroed),
    state: JobState.Settled,
    reason: Reason.Completed,
    pricePerSecond: 50n,
    timeoutSeconds: 900n,
    promisedSeconds: 600n,
    challengeSeconds: 60,
    heartbeatSeconds: 60,
    startedAt: 1_000n,
    heartbeatAt: 1_090n,
    submittedAt: 1_100n,
    settledAt: 1_160n,
    ...changes,
  };
}

test("jobs add what the protocol says", () => {
  const added = (changes: Partial<Job>) => {
    const { good, bad } = jobEvidence(settledJob(changes), NODE);
    return [good, bad];
  };
  assert.deepEqual(added({}), [5_000n, 0n]);
  // Nobody could have rejected it.
  assert.deepEqual(added({ challengeSeconds: 0 }), [0n, 0n]);
  assert.deepEqual(added({ reason: Reason.ResultRejected }), [0n, 0n]);
  assert.deepEqual(added({ reason: Reason.DeadlineExceeded }), [0n, 30_000n]);
  assert.deepEqual(added({ reason: Reason.ResultWrong }), [0n, 30_000n]);
  assert.deepEqual(added({ reason: Reason.ClientStopped, settledAt: 1_120n }), [6_000n, 0n]);
  const service = { kind: JobKind.Service, challengeSeconds: 0 };
  assert.deepEqual(added({ ...service, reason: Reason.HeartbeatLost }), [4_500n, 25_500n]);
  assert.deepEqual(added({ state: JobState.Submitted }), [0n, 0n]);
  assert.deepEqual(added({ startedAt: 0n, reason: Reason.Cancelled }), [0n, 0n]);
  assert.deepEqual(added({ client: "node" as Job["client"] }), [0n, 0n]);
  assert.deepEqual(added({ payerToken: "payout" as Job["payerToken"] }), [0n, 0n]);
  assert.deepEqual(added({ pricePerSecond: 90_000_000n }), [1_000n * NOS, 0n]);
});
