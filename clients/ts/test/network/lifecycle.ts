/** A job from its definition to its payment, as client and node. */

import assert from "node:assert/strict";
import { it } from "node:test";

import {
  findJobAddress,
  isRefusedWith,
  JobState,
  Reason,
  toContentId,
  type NosanaEvent,
} from "../../src/index.ts";
import * as jobs from "../../src/generated/jobs/index.ts";
import { storeResult, takeJob } from "../support/worker.ts";
import { DEFINITION, type World } from "../support/world.ts";

const TIMEOUT_SECONDS = 600;
const OUTPUT = { text: "hello" };

export function testLifecycle(world: () => World): void {
  it("runs a job from its definition to its payment", async () => {
    const [client, node] = [world().as("client"), world().as("node")];
    const { market, signers } = world();
    const before = await world().balance("client");
    const earned = await world().balance("node");
    const quote = await client.quoteJob(market, TIMEOUT_SECONDS);

    const listed = await client.postJob({
      market,
      definition: DEFINITION,
      timeoutSeconds: TIMEOUT_SECONDS,
    });
    const { job } = listed;
    assert.equal(job, await findJobAddress(signers.client.address, listed.nonce));
    assert.equal(before - (await world().balance("client")), quote.deposit);

    const mine = { client: signers.client.address, state: JobState.Queued };
    assert.deepEqual(
      (await client.listJobs(mine)).map((each) => each.address),
      [job],
    );
    const queue = await client.fetchQueue(market);
    assert.deepEqual(
      queue.waiting.map((entry) => entry.address),
      [job],
    );

    assert.equal(await takeJob(node, market), job);
    assert.deepEqual(await node.node.listJobs(), [job]);
    await node.node.heartbeat(job, { progressBps: 5_000 });
    const running = await client.fetchJob(job);
    assert.deepEqual([running.state, running.progressBps], [JobState.Running, 5_000]);

    const waiting = client.waitForJob(job, { timeoutSeconds: 30 });
    const result = await storeResult(world(), job, OUTPUT);
    await node.node.finish(job, result);
    const submitted = await waiting;
    assert.equal(submitted.state, JobState.Submitted);
    assert.equal(toContentId(submitted.result), result);

    const read = await client.readResult(job);
    assert.deepEqual([read.id, read.outputs], [result, { greet: OUTPUT }]);

    await client.acceptResult(job);
    const settled = await client.waitForJob(job, {
      isDone: (each) => each.state === JobState.Settled,
    });
    assert.equal(settled.reason, Reason.Completed);

    const events = await emittedEvents(world(), job);
    assert.deepEqual(
      events.map(({ name }) => name),
      ["JobListed", "JobStarted", "JobHeartbeat", "JobSubmitted", "JobSettled"],
    );
    const last = events.at(-1);
    assert.ok(last?.program === "jobs" && last.name === "JobSettled");
    const { nodeAmount, networkAmount } = last.data;
    assert.equal(before - (await world().balance("client")), nodeAmount + networkAmount);
    assert.equal((await world().balance("node")) - earned, nodeAmount);
  });

  it("cancels a waiting job, and returns the deposit", async () => {
    const client = world().as("client");
    const before = await world().balance("client");
    const { job } = await client.postJob({
      market: world().market,
      definition: DEFINITION,
      timeoutSeconds: 60,
      nonce: 7,
    });

    await client.topUpJob(job, 1_000);
    await client.extendJob(job, 10);
    assert.equal((await client.fetchJob(job)).timeoutSeconds, 70n);
    await client.cancelJob(job);
    assert.equal((await client.fetchJob(job)).reason, Reason.Cancelled);
    assert.equal(await world().balance("client"), before);
  });

  it("gives a job back, stops it, and lists it for a waiting node", async () => {
    const [client, node] = [world().as("client"), world().as("node")];
    const { market } = world();
    const request = { market, definition: DEFINITION, timeoutSeconds: 60 };

    const { job } = await client.postJob(request);
    await takeJob(node, market);
    await node.node.quit(job, { cause: jobs.ReturnCause.NodeBusy });
    const returned = await client.fetchJob(job);
    assert.deepEqual(
      [returned.state, returned.returnCause],
      [JobState.Queued, jobs.ReturnCause.NodeBusy],
    );

    await node.node.work(market);
    await client.stopJob(job);
    assert.equal(
      (await client.fetchJob(job)).reason,
      Reason.ClientStopped,
      "taken, but not started",
    );

    await node.node.work(market);
    const matched = (await client.postJob(request)).job;
    assert.equal((await client.fetchJob(matched)).state, JobState.Matched);
    assert.ok((await node.node.listJobs()).includes(matched));
    await node.node.start(matched);
    await client.stopJob(matched);
    assert.equal((await client.fetchJob(matched)).state, JobState.Settled);
  });

  it("rejects a result, and requeues the job", async () => {
    const [client, node] = [world().as("client"), world().as("node")];
    const { market } = world();
    const { job } = await client.postJob({ market, definition: DEFINITION, timeoutSeconds: 60 });

    await takeJob(node, market);
    await node.node.finish(job, await storeResult(world(), job, null));
    await client.rejectResult(job, { requeue: true });
    assert.equal((await client.fetchJob(job)).returnCause, jobs.ReturnCause.ResultRejected);
    await client.cancelJob(job);
  });

  it("keeps collateral from one job to the next, until its owner releases it", async () => {
    const node = world().as("node");
    const { market } = world();
    const { collateralPerJob } = await world().fetchTerms();
    assert.ok(collateralPerJob > 0n);
    const read = async (): Promise<[bigint, bigint]> => [
      (await node.node.fetchNode()).data.idleCollateral,
      (await node.staker.fetchStake()).data.locked,
    ];
    await node.node.releaseCollateral();
    const [none, others] = await read();
    assert.equal(none, 0n);

    await node.node.work(market);
    await node.node.leave(market);
    const locked = others + collateralPerJob;
    assert.deepEqual(await read(), [collateralPerJob, locked]);
    await node.node.work(market);
    assert.deepEqual(await read(), [0n, locked], "nothing is locked again");
    await node.node.releaseCollateral();
    assert.deepEqual(await read(), [0n, locked], "what the slot uses stays locked");

    await node.node.leave(market);
    await node.node.releaseCollateral();
    assert.deepEqual(await read(), [0n, others]);
  });

  it("waits in the queue as a node, and leaves it", async () => {
    const node = world().as("node");
    const { market } = world();
    await node.node.work(market);
    assert.equal((await node.fetchQueue(market)).header.side, jobs.Side.Nodes);
    await node.node.leave(market);
    assert.deepEqual((await node.fetchQueue(market)).waiting, []);
    await assert.rejects(node.node.leave(market), /does not wait in the queue/);

    await node.node.setDraining(true);
    await assert.rejects(node.node.work(market), (error) => isRefusedWith(error, "Draining"));
    await node.node.setDraining(false);
  });
}

async function emittedEvents(world: World, job: jobs.JobSeeds["client"]): Promise<NosanaEvent[]> {
  const history = await world.as("client").fetchHistory(job);
  return history.flatMap(({ events }) => events).filter(({ program }) => program === "jobs");
}
