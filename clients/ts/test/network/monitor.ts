/** Events as they happen, also when the websocket breaks. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { it } from "node:test";

import { createSolanaRpcSubscriptions, type Address } from "@solana/kit";

import { isAbout, type LoggedTransaction } from "../../src/index.ts";
import { DEFINITION, type World } from "../support/world.ts";

const WAIT_MS = 30_000;

/** Forwards connections to a websocket, until they are cut. */
class Relay {
  readonly #sockets = new Set<Socket>();
  readonly #server;

  constructor(port: number) {
    this.#server = createServer((incoming) => {
      const outgoing = connect(port, "127.0.0.1");
      for (const socket of [incoming, outgoing]) {
        this.#sockets.add(socket);
        socket.on("error", () => {});
      }
      incoming.pipe(outgoing).pipe(incoming);
    });
  }

  async open(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Cuts all connections; new ones are accepted. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  close(): void {
    this.#server.close();
    this.cut();
  }
}

export function testMonitor(world: () => World): void {
  it("yields each transaction once, also those during a broken websocket", async () => {
    const relay = new Relay(Number(new URL(world().info.ws_url).port));
    const rpcSubscriptions = createSolanaRpcSubscriptions(await relay.open());
    const client = world().as("client", { rpcSubscriptions });
    const ended = new AbortController();
    const deadline = AbortSignal.any([ended.signal, AbortSignal.timeout(WAIT_MS)]);
    const seen = client.monitor({ address: world().market, signal: deadline });

    try {
      // Listed before anybody reads: from the call on, nothing is missed.
      const first = await listAndCancel(world());
      assert.deepEqual(await namesAbout(seen, first, 2), ["JobListed", "JobSettled"]);

      relay.cut();
      const second = await listAndCancel(world());
      assert.deepEqual(await namesAbout(seen, second, 2), ["JobListed", "JobSettled"]);
    } finally {
      ended.abort();
      relay.close();
    }
  });

  it("requires a websocket", async () => {
    const client = world().as("client", { rpcSubscriptions: undefined });
    const seen = client.monitor({ signal: AbortSignal.timeout(WAIT_MS) });
    await assert.rejects(seen.next(), /needs a websocket/);
  });

  it("waits without a websocket, too", async () => {
    const client = world().as("client", { rpcSubscriptions: undefined });
    const { job } = await client.postJob({
      market: world().market,
      definition: DEFINITION,
      timeoutSeconds: 60,
    });
    const waiting = client.waitForJob(job, { timeoutSeconds: 20 });
    await client.cancelJob(job);
    await waiting;
  });
}

async function listAndCancel(world: World): Promise<Address> {
  const client = world.as("client");
  const { job } = await client.postJob({
    market: world.market,
    definition: DEFINITION,
    timeoutSeconds: 60,
  });
  await client.cancelJob(job);
  return job;
}

/** The names of the next events about a job; fails if one comes twice. */
async function namesAbout(
  seen: AsyncGenerator<LoggedTransaction, void>,
  job: Address,
  count: number,
): Promise<string[]> {
  const names: string[] = [];
  const signatures = new Set<string>();

  while (names.length < count) {
    const { value, done } = await seen.next();
    assert.ok(!done && value, `the monitor ended after ${names.join(", ") || "nothing"}`);
    assert.ok(!signatures.has(value.signature), "each transaction comes once");
    signatures.add(value.signature);
    names.push(...value.events.filter((event) => isAbout(event, job)).map(({ name }) => name));
  }
  return names;
}
