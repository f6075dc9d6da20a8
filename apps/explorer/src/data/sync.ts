/**
 * Keeps the ledger as the chain is: one subscription for each program, a snapshot after they are
 * open, and both again whenever the websocket breaks or falls silent.
 */

import { signal } from "@preact/signals";
import { getBase64Encoder, type Address } from "@solana/kit";

import { ChangeBatch } from "./changeBatch.ts";
import { keepClock, readClock } from "./chainClock.ts";
import { keepFeed } from "./feed.ts";
import { PROGRAMS, replaceLedger, type AccountChange } from "./ledger.ts";
import { connection, renewConnection } from "./network.ts";

export type Status =
  { kind: "connecting" } | { kind: "live" } | { kind: "broken"; why: string; retryMs: number };

export const status = signal<Status>({ kind: "connecting" });
/** Whether the ledger has been read once. */
export const isLoaded = signal(false);

const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 15_000;
/** The longest time until the subscriptions are open and the accounts are read. */
const OPEN_MS = 60_000;
/** A network has a slot every 400 ms: without one for so long, the websocket is dead. */
const SILENCE_MS = 20_000;

/** Keeps the ledger until the signal is aborted. */
export async function keepLedger(signal: AbortSignal): Promise<void> {
  keepClock(signal);
  let retryMs = FIRST_RETRY_MS;

  while (!signal.aborted) {
    try {
      await followPrograms(signal, () => (retryMs = FIRST_RETRY_MS));
    } catch (error) {
      if (signal.aborted) return;
      status.value = { kind: "broken", why: explain(error), retryMs };
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
    retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
  }
}

/** Follows the programs until a subscription ends. */
async function followPrograms(signal: AbortSignal, onLive: () => void): Promise<never> {
  const round = new AbortController();
  const abortSignal = AbortSignal.any([signal, round.signal]);
  const changes = new ChangeBatch();
  renewConnection();

  try {
    const programs = PROGRAMS.map((program) => subscribe(program, abortSignal, changes));
    const opening = Promise.all([...programs, watchSlots(abortSignal)]);
    const followed = await Promise.race([opening, failAfter(OPEN_MS, "the websocket")]);
    // Changes that arrive meanwhile are applied on top: each of them is newer, or followed by one.
    const reading = readPrograms(abortSignal);
    const accounts = await Promise.race([reading, failAfter(OPEN_MS, "the RPC server")]);
    await readClock();
    replaceLedger(accounts);
    changes.open();

    isLoaded.value = true;
    status.value = { kind: "live" };
    onLive();
    void keepFeed(abortSignal);
    return await Promise.race(followed.map(({ ended }) => ended));
  } finally {
    round.abort();
    changes.close();
  }
}

async function subscribe(program: Address, abortSignal: AbortSignal, changes: ChangeBatch) {
  const notices = await connection()
    .rpcSubscriptions.programNotifications(program, { commitment: "confirmed", encoding: "base64" })
    .subscribe({ abortSignal });

  return follow(notices, ({ value: { pubkey, account } }) => {
    const data = account.lamports === 0n ? undefined : decodeBase64(account.data[0]);
    changes.add({ address: pubkey, program, data });
  });
}

/** Ends when no slot has been heard of for long. */
async function watchSlots(abortSignal: AbortSignal) {
  const notices = await connection()
    .rpcSubscriptions.slotNotifications()
    .subscribe({ abortSignal });

  let heardAt = performance.now();
  const silence = new Promise<never>((_, reject) => {
    const timer = setInterval(() => {
      const isSilent = performance.now() - heardAt > SILENCE_MS;
      if (isSilent) reject(new Error("the websocket is silent"));
    }, SILENCE_MS / 8);
    abortSignal.addEventListener("abort", () => clearInterval(timer));
  });
  const { ended } = follow(notices, () => (heardAt = performance.now()));
  return { ended: Promise.race([ended, silence]) };
}

/** Passes notices on; `ended` fails when there are no more. */
function follow<T>(notices: AsyncIterable<T>, onNotice: (notice: T) => void) {
  const run = async (): Promise<never> => {
    for await (const notice of notices) onNotice(notice);
    throw new Error("the websocket was closed");
  };
  const ended = run();
  // It is awaited later; until then, its failure is not unhandled.
  ended.catch(() => {});
  return { ended };
}

async function readPrograms(abortSignal: AbortSignal): Promise<AccountChange[]> {
  const read = async (program: Address) => {
    const found = await connection()
      .rpc.getProgramAccounts(program, { commitment: "confirmed", encoding: "base64" })
      .send({ abortSignal });
    return found.map(({ pubkey, account }) => ({
      address: pubkey,
      program,
      data: decodeBase64(account.data[0]),
    }));
  };
  return (await Promise.all(PROGRAMS.map(read))).flat();
}

async function failAfter(milliseconds: number, what: string): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  throw new Error(`${what} does not answer`);
}

function decodeBase64(text: string): Uint8Array {
  return getBase64Encoder().encode(text) as Uint8Array;
}

function explain(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
