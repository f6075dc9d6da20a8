/** Transaction messages, with limits of compute. */

import {
  appendTransactionMessageInstructions,
  createTransactionMessage,
  pipe,
  setTransactionMessageComputeUnitLimit,
  setTransactionMessageComputeUnitPrice,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  setTransactionMessageLoadedAccountsDataSizeLimit,
  type Blockhash,
  type Instruction,
  type TransactionSigner,
} from "@solana/kit";

import { callNode, commitmentOf, type Connection } from "../chain/connection.js";

/** Options of sending. */
export interface SendOptions {
  /**
   * Compute units to request. Without it, the transaction is simulated first, and requests a tenth
   * and 5,000 more than the simulation used; and a limit of loaded bytes that is a quarter and at
   * least 64 KiB above those of the simulation. A number skips the simulation; but then a
   * transaction that fails costs its fee, and a leader reserves the cost of 64 MiB for it, which
   * lowers its priority.
   */
  computeUnits?: number | undefined;
  /** Priority fee, in micro-lamports per compute unit. */
  priorityMicroLamports?: number | bigint | undefined;
  /**
   * How often to sign and send again after the transaction expired without landing; twice unless it
   * is set. Zero signs once, also if its accounts have grown.
   */
  expiryRetries?: number | undefined;
  /** Ends the waiting; what was sent may still land. */
  signal?: AbortSignal | undefined;
}

/** What a transaction requests of the runtime. */
export interface Limits {
  computeUnits: number;
  /** Bytes of accounts and of the code of programs; undefined requests no such limit. */
  loadedBytes: number | undefined;
}

/** A blockhash, and the last block at which it is valid. */
export interface Lifetime {
  blockhash: Blockhash;
  lastValidBlockHeight: bigint;
}

/** The most compute units that a transaction may use. */
export const MAX_COMPUTE_UNITS = 1_400_000;
/** The most bytes that a transaction may load, which is the limit of one that requests none. */
export const MAX_LOADED_BYTES = 64 * 1024 * 1024;

/** A blockhash for simulations, which replace it. */
const NO_LIFETIME: Lifetime = {
  blockhash: "11111111111111111111111111111111" as Blockhash,
  lastValidBlockHeight: 0n,
};

/** Builds a message whose fee `feePayer` pays. */
export function buildMessage(
  feePayer: TransactionSigner,
  instructions: readonly Instruction[],
  { computeUnits, loadedBytes }: Limits,
  priorityMicroLamports: number | bigint = 0,
  lifetime: Lifetime = NO_LIFETIME,
) {
  const price = BigInt(priorityMicroLamports);

  return pipe(
    createTransactionMessage({ version: 0 }),
    (message) => setTransactionMessageFeePayerSigner(feePayer, message),
    (message) => setTransactionMessageLifetimeUsingBlockhash(lifetime, message),
    (message) => setTransactionMessageComputeUnitLimit(computeUnits, message),
    (message) => setTransactionMessageLoadedAccountsDataSizeLimit(loadedBytes, message),
    (message) => setTransactionMessageComputeUnitPrice(price === 0n ? undefined : price, message),
    (message) => appendTransactionMessageInstructions(instructions, message),
  );
}

export type Message = ReturnType<typeof buildMessage>;

/** Returns the latest blockhash. */
export async function fetchLifetime(
  connection: Connection,
  signal?: AbortSignal,
): Promise<Lifetime> {
  const commitment = commitmentOf(connection);
  const found = await callNode(
    () => connection.rpc.getLatestBlockhash({ commitment }).send(),
    signal,
  );
  return found.value;
}
