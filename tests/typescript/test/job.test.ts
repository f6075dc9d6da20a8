/** One job from its definition to its payment, by a client that shares no code with the Rust one. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { web3 } from "@anchor-lang/core";
import type BN from "bn.js";

import {
  BATCH,
  Client,
  COMPLETED,
  type Event,
  type Job,
  type Market,
  type Order,
  nameOf,
  type Queue,
  tokenAccount,
} from "../src/client.ts";
import { Network } from "../src/network.ts";
import { assertRefused } from "../src/refusal.ts";
import { contentId, digestOf, identify, Store } from "../src/store.ts";
import { until } from "../src/wait.ts";

const JOB_SECONDS = 120;
const EVENT_SECONDS = 30;
const ALL_MINILM_L6_V2 = "sha256:687d3ab1f2bf771aec2cb8965d5c984472dcda11b58f840263b022010166c1dc";
const DIMENSIONS = 384;
/** The first two have nearly the same meaning, the third a different one. */
const SENTENCES = ["A cat sits on the mat.", "A kitten is resting on a rug.", "Interest rates rose last quarter."];
const DEFINITION = {
  version: "nosana/1",
  ops: [
    {
      id: "embed",
      type: "inference/run",
      args: { model: ALL_MINILM_L6_V2, task: "embedding", inputs: SENTENCES },
    },
  ],
};

interface JobResult {
  version: string;
  definition: string;
  ops: { id: string; status: string; output: string | null; error: string | null }[];
}
interface Embeddings {
  dimensions: number;
  embeddings: number[][];
}

/** What is known once the job is settled; amounts are base units of NOS. */
interface Outcome {
  address: web3.PublicKey;
  order: Order;
  market: Market;
  job: Job;
  events: Event[];
  /** Balances before the job was listed and after it was settled. */
  before: Balances;
  after: Balances;
}
interface Balances {
  client: bigint;
  node: bigint;
  vault: bigint;
  fees: bigint;
}

describe("a job, by a client built only from the IDL", () => {
  let network: Network;
  let client: Client;
  let store: Store;
  let outcome: Outcome;

  before(async () => {
    network = await Network.start();
    client = new Client(network.info, keypair(network.info.wallets.client));
    store = new Store(network.info.store);
    outcome = await runJob();
  });
  after(async () => {
    await network?.stop();
  });

  /** Stores the definition, lists a job, and waits until it is settled. */
  async function runJob(): Promise<Outcome> {
    const market = await client.read<Market>("market", client.market);
    const order: Order = {
      nonce: Date.now(),
      definition: digestOf(await store.addJson(DEFINITION)),
      kind: BATCH,
      timeoutSeconds: 600,
      maxPricePerSecond: market.terms.pricePerSecond.toNumber(),
    };
    const address = client.jobAddress(order.nonce);
    const before = await balances();
    const received = new Set<string>();
    const silence = client.listen("jobSettled", ({ job }) => received.add(String(job)));
    try {
      await client.list(order).rpc();
      const submitted = await until("the job's result", JOB_SECONDS, async () => {
        const job = await client.read<Job>("job", address);
        return nameOf(job.state) === "submitted" ? job : undefined;
      });
      await client.accept(address, submitted).rpc();
      const job = await until("the job's settlement", JOB_SECONDS, async () => {
        const job = await client.read<Job>("job", address);
        return nameOf(job.state) === "settled" ? job : undefined;
      });
      const events = await until("the event of the settlement", EVENT_SECONDS, async () => {
        const events = await client.events(address);
        return events.some(({ name }) => name === "jobSettled") ? events : undefined;
      });
      await until("the same event over the websocket", EVENT_SECONDS, async () => received.has(String(address)) || undefined);
      return { address, order, market, job, events, before, after: await balances() };
    } finally {
      await silence();
    }
  }

  async function balances(): Promise<Balances> {
    const node = keypair(network.info.wallets.node).publicKey;
    const queue = await client.read<Queue>("queueHeader", client.queue);
    return {
      client: await client.balance(client.tokens),
      node: await client.balance(tokenAccount(node, new web3.PublicKey(network.info.nos_mint))),
      vault: await client.balance(client.vault),
      fees: big(queue.feesAccrued),
    };
  }

  it("ends as completed, on the terms of its listing", async () => {
    const { address, order, market, job } = outcome;
    const { job: derived, queue, vault } = await client.list(order).pubkeys();
    assert.deepEqual([derived, queue, vault].map(String), [address, client.queue, client.vault].map(String));

    assert.equal(nameOf(job.reason), "completed");
    assert.deepEqual(job.kind, BATCH);
    assert.deepEqual(job.definition, order.definition);
    assert.equal(big(job.nonce), BigInt(order.nonce));
    assert.equal(big(job.timeoutSeconds), BigInt(order.timeoutSeconds));
    assert.equal(big(job.pricePerSecond), big(market.terms.pricePerSecond));
    const payer = client.wallet.publicKey;
    const accounts = [job.client, job.payer, job.payerToken, job.market];
    assert.deepEqual(accounts.map(String), [payer, payer, client.tokens, client.market].map(String));
  });

  it("emits its events in order", () => {
    const { address, job, events } = outcome;
    const emitted = events.filter(({ name }) => name !== "jobHeartbeat");
    assert.deepEqual(
      emitted.map(({ name }) => name),
      ["jobListed", "jobStarted", "jobSubmitted", "jobSettled"],
    );
    for (const { name, data } of emitted) assert.equal(String(data.job), String(address), name);

    const [listed, started, submitted, settled] = emitted.map(({ data }) => data);
    assert.deepEqual(listed?.definition, job.definition);
    assert.equal(String(listed?.payer), String(job.payer));
    assert.equal(big(listed?.nonce), big(job.nonce));
    assert.equal(big(listed?.kind), 0n, "a batch job");
    assert.equal(String(started?.node), String(job.node));
    assert.equal(big(started?.startedAt), big(job.startedAt));
    assert.deepEqual(submitted?.result, job.result);
    assert.deepEqual(settled?.result, job.result);
    assert.equal(big(settled?.reason), BigInt(COMPLETED));
    assert.equal(big(settled?.settledAt), big(job.settledAt));
  });

  it("has a verifiable result of one unit vector for each sentence", async () => {
    const { job, order } = outcome;
    const id = contentId(job.result);
    const bytes = await store.read(id);
    assert.equal(String(await identify(bytes)), String(id), "the node's store makes the identifiers of `ipfs add`");

    const result = JSON.parse(new TextDecoder().decode(bytes)) as JobResult;
    assert.equal(result.version, "nosana-result/1");
    assert.equal(result.definition, String(contentId(order.definition)));
    assert.deepEqual(
      result.ops.map(({ id, status, error }) => ({ id, status, error })),
      [{ id: "embed", status: "ok", error: null }],
    );

    const output = await store.readJson(result.ops[0]?.output ?? "");
    const { dimensions, embeddings } = output as Embeddings;
    assert.equal(dimensions, DIMENSIONS);
    assert.equal(embeddings.length, SENTENCES.length);
    for (const vector of embeddings) {
      assert.equal(vector.length, DIMENSIONS);
      assert.ok(Math.abs(Math.sqrt(dot(vector, vector)) - 1) < 1e-5, "of unit length");
    }
    const [cat, kitten, rates] = embeddings as [number[], number[], number[]];
    const [near, far] = [dot(cat, kitten), dot(cat, rates)];
    assert.ok(near > far + 0.2, `sentences that mean the same lie close: ${near} and ${far}`);
  });

  it("pays the node, the network and the client to the base unit", () => {
    const { job, events, before, after } = outcome;
    const share = (amount: bigint) => (amount * BigInt(job.networkFeeBps)) / 10_000n;
    const [price, timeout] = [big(job.pricePerSecond), big(job.timeoutSeconds)];
    const escrow = price * timeout + share(price * timeout);
    const worked = big(job.submittedAt) - big(job.startedAt);
    const seconds = worked < 1n ? 1n : worked > timeout ? timeout : worked;
    const pay = price * seconds;
    const fee = share(pay);
    const refund = escrow - pay - fee;

    const listed = events.find(({ name }) => name === "jobListed")?.data;
    assert.equal(big(listed?.escrow), escrow);
    const settled = events.find(({ name }) => name === "jobSettled")?.data;
    const { nodeAmount, payerAmount, networkAmount, paidSeconds } = settled ?? {};
    const emitted = [nodeAmount, payerAmount, networkAmount, paidSeconds].map(big);
    assert.deepEqual(emitted, [pay, refund, fee, seconds]);

    assert.equal(before.client - after.client, pay + fee, "the client has paid the pay and the fee, and nothing else");
    assert.equal(after.node - before.node, pay);
    assert.equal(after.vault - before.vault, fee, "the vault keeps the fee");
    assert.equal(after.fees - before.fees, fee, "which the queue accounts for");
    assert.deepEqual(
      [job.escrow, job.nodeCredit, job.payerCredit].map(big),
      [0n, 0n, 0n],
      "nothing is left to collect",
    );
  });

  it("is refused with the error of the IDL, and then costs nothing", async () => {
    const { order, market, address } = outcome;
    const before = await client.balance(client.tokens);
    const fresh = { ...order, nonce: order.nonce + 1 };
    const wrong: [string, Partial<Order>][] = [
      ["PriceAboveMaximum", { maxPricePerSecond: market.terms.pricePerSecond.toNumber() - 1 }],
      ["TimeoutOutOfRange", { timeoutSeconds: market.terms.maxTimeoutSeconds.toNumber() + 1 }],
      ["EmptyDigest", { definition: Array<number>(32).fill(0) }],
    ];
    for (const [name, change] of wrong) {
      await assertRefused(client.idl, name, client.list({ ...fresh, ...change }).rpc());
    }
    await assert.rejects(client.list({ ...fresh, kind: { other: {} } }).rpc(), /variant/, "the IDL has no such kind");
    await assertRefused(client.idl, "WrongState", client.cancel(address).rpc());
    const stranger = new Client(network.info, keypair(network.info.wallets.deployer));
    await assertRefused(client.idl, "NotClient", stranger.cancel(address).rpc());
    await assert.rejects(client.read("job", client.jobAddress(fresh.nonce)), /there is no job/);
    assert.equal(await client.balance(client.tokens), before);
  });
});

function keypair(secretKey: number[]): web3.Keypair {
  return web3.Keypair.fromSecretKey(Uint8Array.from(secretKey));
}

/** Anchor's client gives 64-bit integers as `BN`. */
function big(value: unknown): bigint {
  return BigInt((value as BN).toString());
}

function dot(a: number[], b: number[]): number {
  return a.reduce((sum, x, index) => sum + x * (b[index] ?? NaN), 0);
}
