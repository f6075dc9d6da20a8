/** What a transaction requests after its simulation, and what follows if that was too little. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  address,
  createSolanaRpcFromTransport,
  decompileTransactionMessage,
  generateKeyPairSigner,
  getBase64Encoder,
  getCompiledTransactionMessageDecoder,
  getTransactionDecoder,
  partiallySignTransaction,
  type Instruction,
  type RpcTransport,
  type TransactionModifyingSigner,
} from "@solana/kit";

import type { Connection } from "../src/chain/connection.ts";
import { TransactionFailedError } from "../src/transaction/errors.ts";
import { beginHandover, readHandover } from "../src/transaction/handover.ts";
import { chooseLoadedLimit } from "../src/transaction/limits.ts";
import type { SendOptions } from "../src/transaction/message.ts";
import { sendTransaction } from "../src/transaction/send.ts";

const COMPUTE_BUDGET = "ComputeBudget111111111111111111111111111111";
const MEMO = address("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");
const CONTEXT = { slot: 1 };

/** A node that lands all transactions: the first ones with these errors, the others without one. */
class ScriptedNode {
  /** The requests of each transaction: kinds of the compute budget's instructions, and numbers. */
  readonly sent: [number, number][][] = [];

  constructor(
    readonly loaded: readonly (number | undefined)[],
    readonly errors: readonly string[] = [],
  ) {}

  #simulations = 0;

  connect(): Connection {
    const transport = (async ({ payload }: { payload: unknown }) => {
      const { method, params } = payload as { method: string; params: unknown[] };
      return { jsonrpc: "2.0", id: 1, result: this.#answer(method, params) };
    }) as RpcTransport;
    return { rpc: createSolanaRpcFromTransport(transport) };
  }

  #answer(method: string, params: unknown[]): unknown {
    switch (method) {
      case "simulateTransaction": {
        const loaded = this.loaded[this.#simulations++];
        const value = { err: null, logs: [], unitsConsumed: 50_000 };
        return { context: CONTEXT, value: { ...value, loadedAccountsDataSize: loaded } };
      }
      case "getLatestBlockhash": {
        const blockhash = "11111111111111111111111111111111";
        return { context: CONTEXT, value: { blockhash, lastValidBlockHeight: 9 } };
      }
      case "sendTransaction":
        this.sent.push(readRequests(params[0] as string));
        return "";
      case "getBlockHeight":
        return 1;
      case "getSignatureStatuses": {
        const err = this.errors[this.sent.length - 1] ?? null;
        const status = { slot: 7, confirmations: 1, err, confirmationStatus: "confirmed" };
        return { context: CONTEXT, value: [status] };
      }
      default:
        return null;
    }
  }
}

function readRequests(wire: string): [number, number][] {
  const { messageBytes } = getTransactionDecoder().decode(getBase64Encoder().encode(wire));
  const compiled = getCompiledTransactionMessageDecoder().decode(messageBytes);
  return decompileTransactionMessage(compiled)
    .instructions.filter(({ programAddress }) => programAddress === COMPUTE_BUDGET)
    .map(({ data }) => {
      const bytes = Buffer.from(data!);
      return [bytes[0]!, bytes.readUInt32LE(1)];
    });
}

async function send(node: ScriptedNode, options: SendOptions = {}, bytes = 1): Promise<void> {
  await sendTransaction(node.connect(), await generateKeyPairSigner(), [memoOf(bytes)], options);
}

function memoOf(bytes: number): Instruction {
  return { programAddress: MEMO, data: new Uint8Array(bytes) };
}

test("limits of loaded bytes have a margin in whole pages", () => {
  const most = 64 * 1024 * 1024;
  assert.equal(chooseLoadedLimit(0), 65_536);
  assert.equal(chooseLoadedLimit(1), 98_304);
  assert.equal(chooseLoadedLimit(262_144), 327_680);
  assert.equal(chooseLoadedLimit(1_000_000), 1_277_952);
  assert.equal(chooseLoadedLimit(most), most);
  assert.equal(chooseLoadedLimit(2 ** 32 - 1), most);
});

test("the limit follows from the simulation", async () => {
  const node = new ScriptedNode([1_000_000, undefined, 0]);
  await send(node, { priorityMicroLamports: 77 });
  await send(node);
  await send(node);
  await send(node, { computeUnits: 1_234 });
  assert.deepEqual(node.sent, [
    [
      [2, 60_000],
      [4, 1_277_952],
      [3, 77],
    ],
    [[2, 60_000]],
    [[2, 60_000]],
    [[2, 1_234]],
  ]);
});

test("a transaction without room for the limit has none", async () => {
  const node = new ScriptedNode([1, 1]);
  await send(node, {}, 1_012);
  await send(node, {}, 1_013);
  const kinds = node.sent.map((requests) => requests.map(([kind]) => kind));
  assert.deepEqual(kinds, [[2, 4], [2]]);
});

test("a transaction whose accounts have grown is sent once more without the limit", async () => {
  const grown = "MaxLoadedAccountsDataSizeExceeded";
  const once = new ScriptedNode([1], [grown]);
  await send(once);
  const limits = once.sent.map((requests) => new Map(requests).get(4));
  assert.deepEqual(limits, [98_304, undefined]);

  for (const [options, expected] of [
    [{}, 2],
    [{ expiryRetries: 0 }, 1],
  ] as const) {
    const node = new ScriptedNode([1], [grown, grown]);
    await assert.rejects(send(node, options), (error) => {
      assert.ok(error instanceof TransactionFailedError);
      assert.match(error.message, /send it again/);
      return true;
    });
    assert.equal(node.sent.length, expected);
  }
});

test("a transaction that a wallet may change has no limit", async () => {
  const inner = await generateKeyPairSigner();
  const wallet: TransactionModifyingSigner = {
    address: inner.address,
    modifyAndSignTransactions: async (transactions) =>
      (await Promise.all(
        transactions.map((each) => partiallySignTransaction([inner.keyPair], each)),
      )) as never,
  };
  const node = new ScriptedNode([1]);
  await sendTransaction(node.connect(), wallet, [memoOf(1)]);
  assert.deepEqual(node.sent, [[[2, 60_000]]]);
});

test("a handover has no limit, so that an absent wallet may add to it", async () => {
  const { rpc } = new ScriptedNode([1]).connect();
  const begun = await beginHandover({ rpc }, await generateKeyPairSigner(), [memoOf(1)]);
  assert.deepEqual(readRequests(begun.wire), [[2, 60_000]]);
  assert.equal(readHandover(begun).length, 2);
});
