/** The tests' node: it takes a job and stores an answer, without running anything. */

import type { Address } from "@solana/kit";

import { SlotState, toContentId, writeJson, type Client, type ContentId } from "../../src/index.ts";
import { NOS, type World } from "./world.ts";

export const HARDWARE = {
  digest: new Uint8Array(32).fill(1),
  vramMib: 0,
  promptTokensPerSecond: 0,
  capacity: 16,
  capabilities: 1,
  memoryMib: 1024,
};
const YEAR_SECONDS = 365 * 86_400;

/** Stakes and registers the node's wallet. */
export async function prepareNode(world: World): Promise<Client> {
  const client = world.as("node");
  await client.staker.openStake(1_000n * NOS, YEAR_SECONDS);
  await client.staker.enter();
  await client.node.register(HARDWARE);
  return client;
}

/** Takes the first waiting job of the market, and starts it. */
export async function takeJob(node: Client, market: Address): Promise<Address> {
  await node.node.work(market);
  const { data } = await node.node.fetchNode();
  const claimed = data.slots.find((slot) => slot.state === SlotState.Claimed);
  if (!claimed) throw new Error("no job was waiting");

  await node.node.start(claimed.job);
  return claimed.job;
}

/** Stores the answer to a job's definition. */
export async function storeResult(world: World, job: Address, output: unknown): Promise<ContentId> {
  const { definition } = await world.as("node").fetchJob(job);
  return await writeJson(world.store, {
    version: "nosana-result/1",
    definition: toContentId(definition),
    ops: [{ id: "greet", status: "ok", output: await writeJson(world.store, output), error: null }],
  });
}
