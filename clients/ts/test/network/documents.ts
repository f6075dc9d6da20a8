/** The programs of the documents run as they are printed. */

import assert from "node:assert/strict";
import { it } from "node:test";
import { fileURLToPath } from "node:url";

import { address } from "@solana/kit";

import { extractProgram, runProgram } from "../../../../tests/typescript/src/document.ts";
import { JobState } from "../../src/index.ts";
import { storeResult, takeJob } from "../support/worker.ts";
import type { World } from "../support/world.ts";

const PACKAGES = {
  "@nosana-programs/client": fileURLToPath(new URL("../..", import.meta.url)),
  "@solana": fileURLToPath(new URL("../../node_modules/@solana", import.meta.url)),
};
const WAIT_SECONDS = 60;

export function testDocuments(world: () => World): void {
  it("README.md: the first program posts a job and prints its result", async () => {
    const program = await extractProgram("clients/ts/README.md", "## From nothing to a result");
    const printed = runProgram(program, world().info, PACKAGES);
    const node = world().as("node");

    const job = await waitForListing(world());
    assert.equal(await takeJob(node, world().market), job);
    await node.node.finish(job, await storeResult(world(), job, { text: "hello" }));
    assert.equal(await printed, `${job} {"greet":{"text":"hello"}}`);
    await world().as("client").acceptResult(job);
  });

  it("docs/clients.md: the program with kit posts a job", async () => {
    const program = await extractProgram("docs/clients.md", "## TypeScript, with `@solana/kit`");
    const job = address(await runProgram(program, world().info, PACKAGES));
    const client = world().as("client");
    assert.equal((await client.fetchJob(job)).state, JobState.Queued);
    await client.cancelJob(job);
  });
}

/** Waits until the market's queue has a job. */
async function waitForListing(world: World) {
  const client = world.as("client");
  const deadline = Date.now() + WAIT_SECONDS * 1000;

  for (;;) {
    const { waiting } = await client.fetchQueue(world.market);
    if (waiting[0]) return waiting[0].address;
    if (Date.now() > deadline) throw new Error(`no job was listed in ${WAIT_SECONDS} s`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
