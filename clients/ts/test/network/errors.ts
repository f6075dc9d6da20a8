/** What goes wrong is an error that says what and why, and costs nothing. */

import assert from "node:assert/strict";
import { it } from "node:test";

import { generateKeyPairSigner } from "@solana/kit";

import {
  actions,
  isRefusedWith,
  MemoryStore,
  ProgramError,
  toContentId,
  TOKEN_PROGRAM,
  TransactionFailedError,
  type NosanaErrorName,
} from "../../src/index.ts";
import { NOSANA_STAKING_PROGRAM_ADDRESS } from "../../src/generated/staking/programs/index.ts";
import { HARDWARE } from "../support/worker.ts";
import { DEFINITION, NOS, type World } from "../support/world.ts";

export function testErrors(world: () => World): void {
  it("names the errors of the programs", async () => {
    const client = world().as("client");
    const { market } = world();
    const request = { market, definition: DEFINITION, timeoutSeconds: 60 };
    const before = await world().balance("client");

    await assertRefused("PriceAboveMaximum", client.postJob({ ...request, maxPricePerSecond: 1 }));
    await assertRefused("TimeoutOutOfRange", client.postJob({ ...request, timeoutSeconds: 1e9 }));
    const empty = toContentId(new Uint8Array(32));
    await assertRefused("EmptyDigest", client.listJob({ ...request, definition: empty }));

    const { job } = await client.postJob(request);
    await assertRefused("NotClient", world().as("deployer").cancelJob(job));
    await client.cancelJob(job);
    await assertRefused("WrongState", client.cancelJob(job));
    await assert.rejects(client.stopJob(job), /no node holds the job .+: its state is Settled/);
    assert.equal(await world().balance("client"), before);
  });

  it("names the inner program's errors, and those of the token program", async () => {
    const [admin, node] = [world().as("deployer"), world().as("node")];
    const terms = { ...(await world().fetchTerms()), collateralPerJob: 2_000n * NOS };
    const { market } = await admin.market.open({ id: 3, noticeSeconds: 3_600, terms });

    const refused = await assertRefused("InsufficientCollateral", node.node.work(market));
    assert.equal(refused.program, NOSANA_STAKING_PROGRAM_ADDRESS, "jobs calls staking");
    assert.ok(refused.logs.length > 0);
    assert.equal(refused.signature, undefined, "it was refused in the simulation");
    await admin.market.retire(market);
    await admin.market.close(market);

    const rich = await node.staker.topUp(10n ** 15n).catch((error: unknown) => error);
    assert.ok(rich instanceof ProgramError, String(rich));
    assert.deepEqual([rich.program, rich.errorName], [TOKEN_PROGRAM, "InsufficientFunds"]);
    await assert.rejects(node.node.register(HARDWARE), TransactionFailedError);
  });

  it("names an error that only happens on chain", async () => {
    const client = world().as("client");
    const { job } = await client.postJob({
      market: world().market,
      definition: DEFINITION,
      timeoutSeconds: 60,
    });
    await client.cancelJob(job);

    const refused = await assertRefused(
      "WrongState",
      client.cancelJob(job, { computeUnits: 100_000 }),
    );
    assert.notEqual(refused.signature, undefined, "without a simulation it was sent");
    assert.ok(refused.logs.length > 0);
  });

  it("explains what the chain cannot", async () => {
    const client = world().as("client");
    const absent = await generateKeyPairSigner();
    await assert.rejects(client.fetchJob(absent.address), /there is no job at/);
    await assert.rejects(client.readResult(absent.address), /there is no job at/);
    await assert.rejects(client.quoteJob(absent.address, 1), /there is no Market at/);
    await assert.rejects(client.fetchJob(world().market), /is not a Job; program/);
    await assert.rejects(
      client.waitForJob(absent.address, { timeoutSeconds: 1 }),
      /there is no job at/,
    );

    const { job } = await client.postJob({
      market: world().market,
      definition: DEFINITION,
      timeoutSeconds: 60,
    });
    await assert.rejects(client.waitForJob(job, { timeoutSeconds: 1 }), /waited 1 s for a change/);
    await assert.rejects(client.waitForJob(job, { signal: AbortSignal.abort() }), /abort/i);
    await assert.rejects(client.readResult(job), /has no result/);
    await client.cancelJob(job);

    const storeless = world().as("client", { store: undefined });
    await assert.rejects(storeless.readResult(job), /has no content store/);
    const poor = world().as("client", { signer: absent, store: new MemoryStore() });
    const listing = poor.postJob({
      market: world().market,
      definition: DEFINITION,
      timeoutSeconds: 60,
    });
    await assert.rejects(listing, /fund the payer with SOL/);
    await assert.rejects(client.send([await actions.setPaused(absent, true)]), (error) =>
      isRefusedWith(error, "NotGuardian"),
    );
  });
}

/** Checks that a program refuses a call with the error of this name. */
export async function assertRefused(
  name: NosanaErrorName,
  call: Promise<unknown>,
): Promise<ProgramError> {
  const error = await call.then(
    () => assert.fail(`this should have been refused with ${name}`),
    (caught: unknown) => caught,
  );
  if (!isRefusedWith(error, name)) throw error;
  return error;
}
