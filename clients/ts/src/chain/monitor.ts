/** Transactions as they happen. */

import { signature as asSignature, type Address, type Signature } from "@solana/kit";

import { callNode, commitmentOf, pause, type Connection } from "./connection.js";
import { decodeEvents } from "./events.js";
import { fetchHistory, type LoggedTransaction } from "./history.js";

/** The delay before the websocket is opened again. */
const REOPEN_MS = 500;
/** The most transactions that are read after the websocket broke. */
const MAX_MISSED = 20_000;
/** The signatures that are remembered, to leave out what was seen twice. */
const REMEMBERED = 2_000;

/**
 * Yields the transactions that name `address`, such as a program, a market or a job, from this call
 * on, until the signal is aborted. When the websocket breaks, it is opened again, and what happened
 * in between is read from the history.
 */
export function monitorTransactions(
  connection: Connection,
  address: Address,
  signal: AbortSignal,
): AsyncGenerator<LoggedTransaction, void> {
  const start = fetchLatestSignature(connection, address);
  // Its failure is reported to the first reader.
  start.catch(() => {});
  return followTransactions(connection, address, signal, start);
}

async function* followTransactions(
  connection: Connection,
  address: Address,
  signal: AbortSignal,
  start: Promise<Signature | undefined>,
): AsyncGenerator<LoggedTransaction, void> {
  const seen = new RecentSignatures();
  let last = await start;

  while (!signal.aborted) {
    try {
      const notices = await subscribe(connection, address, signal);
      // Read after the subscription is open: between the two nothing can be missed.
      const range = { after: last, limit: MAX_MISSED };
      for (const missed of await fetchHistory(connection, address, range)) {
        last = missed.signature;
        if (seen.add(missed.signature)) yield missed;
      }

      for await (const notice of notices) {
        const transaction = toTransaction(notice);
        if (!transaction) continue;
        last = transaction.signature;
        if (seen.add(transaction.signature)) yield transaction;
      }
    } catch (error) {
      if (!signal.aborted && !connection.rpcSubscriptions) throw error;
    }
    await pause(REOPEN_MS, signal).catch(() => {});
  }
}

/** The latest signatures that were yielded. */
class RecentSignatures {
  readonly #seen = new Set<Signature>();

  /** Remembers a signature; returns false if it was seen before. */
  add(signature: Signature): boolean {
    if (this.#seen.has(signature)) return false;
    this.#seen.add(signature);

    const [oldest] = this.#seen;
    if (oldest !== undefined && this.#seen.size > REMEMBERED) this.#seen.delete(oldest);
    return true;
  }
}

type LogsNotice = Awaited<ReturnType<typeof subscribe>> extends AsyncIterable<infer N> ? N : never;

async function subscribe(connection: Connection, address: Address, signal: AbortSignal) {
  if (!connection.rpcSubscriptions) {
    throw new Error("monitoring needs a websocket: give the client `rpcSubscriptions`");
  }
  return await connection.rpcSubscriptions
    .logsNotifications({ mentions: [address] }, { commitment: commitmentOf(connection) })
    .subscribe({ abortSignal: signal });
}

function toTransaction({ context, value }: LogsNotice): LoggedTransaction | undefined {
  if (value.err) return undefined;
  return {
    signature: asSignature(value.signature),
    slot: context.slot,
    events: decodeEvents(value.logs ?? []),
  };
}

async function fetchLatestSignature(
  connection: Connection,
  address: Address,
): Promise<Signature | undefined> {
  const commitment = commitmentOf(connection);
  const latest = await callNode(() =>
    connection.rpc.getSignaturesForAddress(address, { commitment, limit: 1 }).send(),
  );
  return latest[0] && asSignature(latest[0].signature);
}
