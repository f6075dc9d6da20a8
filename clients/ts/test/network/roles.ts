/** Stakers, delegators, and the authorities of markets and of the network. */

import assert from "node:assert/strict";
import { it } from "node:test";

import { actions, JobState } from "../../src/index.ts";
import * as jobs from "../../src/generated/jobs/index.ts";
import { storeResult, takeJob } from "../support/worker.ts";
import { DEFINITION, NOS, type World } from "../support/world.ts";
import { assertRefused } from "./errors.ts";

const DAY_SECONDS = 86_400;

export function testRoles(world: () => World): void {
  it("stakes, tops up, extends, unstakes and stakes again", async () => {
    const { staker } = world().as("deployer");
    await staker.openStake(200n * NOS, 30 * DAY_SECONDS);
    await staker.enter();
    await staker.topUp(50n * NOS);
    await staker.extend(60 * DAY_SECONDS);

    const { data } = await staker.fetchStake();
    assert.deepEqual([data.amount, data.durationSeconds], [250n * NOS, BigInt(60 * DAY_SECONDS)]);
    await staker.unstake();
    await assertRefused("AlreadyUnstaked", staker.unstake());
    await staker.restake();
    await staker.harvest();
    assert.ok((await staker.fetchPosition()).data.owner === world().signers.deployer.address);
  });

  it("delegates to a node's stake", async () => {
    const [{ delegation }, node] = [world().as("client"), world().as("node")];
    const owner = world().signers.node.address;
    await node.delegation.enterPool();
    await node.delegation.setTerms(true, 500);

    await delegation.open(owner);
    const limits = { maxCommissionBps: 500, maxDurationSeconds: 400 * DAY_SECONDS };
    const tooLow = { ...limits, maxCommissionBps: 499 };
    await assertRefused("CommissionTooHigh", delegation.delegate(owner, 1_000n * NOS, tooLow));
    await delegation.delegate(owner, 1_000n * NOS, limits);
    assert.equal((await node.staker.fetchStake()).data.delegated, 1_000n * NOS);

    await delegation.undelegate(owner);
    const { data } = await delegation.fetchDelegation(owner);
    assert.equal(data.delegator, world().signers.client.address);
    await assertRefused("DelegationNotEmpty", delegation.close(owner));
    await assertRefused("NothingToClaim", node.delegation.claimCommission());
  });

  it("opens a market, pays without a window, sweeps the fees, and closes it", async () => {
    const [admin, client, node] = [
      world().as("deployer"),
      world().as("client"),
      world().as("node"),
    ];
    const terms = await world().fetchTerms();
    const windowless = { ...terms, challengeSeconds: 0, minRunSeconds: 0, retentionSeconds: 0 };
    const { market } = await admin.market.open({ id: 2, noticeSeconds: 3_600, terms: windowless });

    const { job } = await client.postJob({ market, definition: DEFINITION, timeoutSeconds: 60 });
    await takeJob(node, market);
    await node.node.finish(job, await storeResult(world(), job, {}));
    assert.equal((await client.fetchJob(job)).state, JobState.Settled);
    await admin.market.sweepFees(market);

    await admin.market.proposeTerms(market, { ...windowless, pricePerSecond: 70 });
    await assertRefused("NothingAnnounced", admin.market.applyTerms(market));
    assert.equal((await client.quoteJob(market, 100)).deposit, 5_500n, "the notice is not over");
    await admin.market.cleanJob(job);
    await assert.rejects(client.fetchJob(job), /there is no job/);

    await assertRefused("NotMarketAuthority", client.market.retire(market));
    await admin.market.retire(market);
    const request = { market, definition: DEFINITION, timeoutSeconds: 60 };
    await assertRefused("MarketRetired", client.postJob(request));
    await admin.market.close(market);
    const open = await client.listAccounts(jobs.MARKET_ACCOUNT, {
      authority: world().signers.deployer.address,
    });
    assert.deepEqual(
      open.map((each) => each.address),
      [world().market],
    );
  });

  it("pauses and resumes entry as the guardian", async () => {
    const [admin, client] = [world().as("deployer"), world().as("client")];
    const { deployer } = world().signers;
    const request = { market: world().market, definition: DEFINITION, timeoutSeconds: 60 };

    await admin.send([await actions.setPaused(deployer, true)]);
    await assertRefused("Paused", client.postJob(request));
    await admin.send([await actions.setPaused(deployer, false)]);
    const { job } = await client.postJob(request);
    await client.cancelJob(job);
  });
}
