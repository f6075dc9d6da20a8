/**
 * What is not due is refused for that reason. So every account of these instructions is the right
 * one: a wrong account is refused first, for another reason.
 */

import assert from "node:assert/strict";
import { it } from "node:test";

import { actions, findCell, findNodeAddress, findTokenAddress, JobState } from "../../src/index.ts";
import { HARDWARE, storeResult } from "../support/worker.ts";
import { DEFINITION, NOS, type World } from "../support/world.ts";
import { assertRefused } from "./errors.ts";

export function testDueness(world: () => World): void {
  const post = async () =>
    await world().as("client").postJob({
      market: world().market,
      definition: DEFINITION,
      timeoutSeconds: 60,
    });

  it("ends no job before its clock", async () => {
    const [client, node, anyone] = [
      world().as("client"),
      world().as("node"),
      world().as("deployer").market,
    ];
    const { job } = await post();
    await assertRefused("TooEarly", anyone.expireQueued(job));

    await node.node.work(world().market);
    await assertRefused("TooEarly", anyone.expireMatch(job));
    await node.node.start(job);
    await assertRefused("TooEarly", anyone.expireRun(job));
    await node.node.finish(job, await storeResult(world(), job, null));
    await assertRefused("TooEarly", anyone.settleJob(job));

    await client.acceptResult(job);
    await assertRefused("TooEarly", anyone.cleanJob(job));
    await assertRefused("NothingToCollect", anyone.collectCredit(job));
  });

  it("assigns a job to a node that waits, which nobody can evict", async () => {
    const [client, node] = [world().as("client"), world().as("node")];
    const { market, mint, signers } = world();
    await node.node.work(market);
    const address = await findNodeAddress(signers.node.address);
    const cell = findCell(await client.fetchQueue(market), address);
    assert.notEqual(cell, undefined);

    const evict = await actions.evictNode(signers.node.address, market, cell!);
    await assertRefused("NotEvictable", client.send([evict]));

    const nonce = 1_000;
    const listing = {
      client: signers.client,
      market,
      mint,
      nonce,
      definition: new Uint8Array(32).fill(5),
      timeoutSeconds: 60,
      maxPricePerSecond: 1_000,
    };
    await client.send([await actions.assignJob(listing, address, cell!)]);
    const [matched] = await client.listJobs({ node: address, state: JobState.Matched });
    assert.equal(matched?.data.nonce, BigInt(nonce));
    await node.node.quit(matched.address);
    await client.cancelJob(matched.address);
  });

  it("changes a node's hardware and payout", async () => {
    const { node } = world().as("deployer");
    const payout = await findTokenAddress(world().signers.deployer.address, world().mint);
    await node.register(HARDWARE);
    await node.updateHardware({ ...HARDWARE, memoryMib: 2_048 });
    await node.setPayout(payout);

    const { data } = await node.fetchNode();
    assert.deepEqual([data.memoryMib, data.payout], [2_048, payout]);
  });

  it("releases no stake before its cooldown", async () => {
    const { staker, delegation } = world().as("client");
    const owner = world().signers.node.address;
    await staker.openStake(150n * NOS, 60 * 86_400);
    await staker.enter();
    await assertRefused("NotUnstaked", staker.withdraw());
    await assertRefused("NotUnstaked", staker.close());
    await assertRefused("NothingToClaim", staker.claim());
    await assertRefused("NothingToClaim", staker.compound());
    await staker.exit();

    const before = await world().balance("client");
    await delegation.withdraw(owner);
    assert.ok((await world().balance("client")) > before, "a part of the delegation is released");
    await assertRefused("NothingToClaim", delegation.claim(owner));
  });
}
