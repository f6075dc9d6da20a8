/** Delivers signed transactions: the same bytes again and again, until they land or expire. */

import type { Base64EncodedWireTransaction, Signature } from "@solana/kit";

import {
  callNode,
  commitmentOf,
  isTransient,
  pause,
  type Connection,
} from "../chain/connection.js";
import type { RuntimeError } from "./errors.js";

/** How often the status is read. */
const POLL_MS = 400;
/** How often the bytes are sent again. */
const RESEND_MS = 2_000;

/** What became of a transaction. */
export type Delivery =
  | { outcome: "landed"; slot: bigint; error: RuntimeError | null }
  /** It did not land and never will: its blockhash is too old. */
  | { outcome: "expired" };

/** A transaction to deliver. */
export interface Parcel {
  signature: Signature;
  /** The signed bytes; undefined if a wallet has sent them. */
  wire: Base64EncodedWireTransaction | undefined;
  lastValidBlockHeight: bigint;
}

/** Sends the transaction, and waits for its outcome. */
export async function deliverTransaction(
  connection: Connection,
  { signature, wire, lastValidBlockHeight }: Parcel,
  signal?: AbortSignal,
): Promise<Delivery> {
  let sentAt = 0;

  for (;;) {
    if (wire && Date.now() - sentAt >= RESEND_MS) {
      const isFirst = sentAt === 0;
      sentAt = Date.now();
      await sendBytes(connection, wire).catch((error: unknown) => {
        if (isFirst && !isTransient(error)) throw error;
      });
    }

    // Read before the status: a transaction that landed in the last valid block must not count as
    // expired.
    const height = await fetchBlockHeight(connection, signal);
    const landed = await fetchOutcome(connection, signature, height > lastValidBlockHeight, signal);
    if (landed) return landed;
    if (height > lastValidBlockHeight) return { outcome: "expired" };

    await pause(POLL_MS, signal);
  }
}

async function sendBytes(
  connection: Connection,
  wire: Base64EncodedWireTransaction,
): Promise<void> {
  await connection.rpc
    .sendTransaction(wire, { encoding: "base64", maxRetries: 0n, skipPreflight: true })
    .send();
}

async function fetchBlockHeight(connection: Connection, signal?: AbortSignal): Promise<bigint> {
  const commitment = commitmentOf(connection);
  return await callNode(() => connection.rpc.getBlockHeight({ commitment }).send(), signal);
}

async function fetchOutcome(
  connection: Connection,
  signature: Signature,
  searchTransactionHistory: boolean,
  signal?: AbortSignal,
): Promise<Delivery | undefined> {
  const { value } = await callNode(
    () => connection.rpc.getSignatureStatuses([signature], { searchTransactionHistory }).send(),
    signal,
  );
  const [status] = value;
  if (!status) return undefined;

  const levels = ["processed", "confirmed", "finalized"];
  const isReached =
    levels.indexOf(status.confirmationStatus ?? "") >= levels.indexOf(commitmentOf(connection));
  return isReached
    ? { outcome: "landed", slot: status.slot, error: status.err as RuntimeError | null }
    : undefined;
}
