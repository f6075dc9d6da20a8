/** Transaction messages, with limits of compute. */

import {
  appendTransactionMessageInstructions,
  createTransactionMessage,
  pipe,
  setTransactionMessageComputeUnitLimit,
  setTransactionMessageComputeUnitPrice,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  type Blockhash,
  type Instruction,
  type TransactionSigner,
} from "@solana/kit";

import { callNode, commitmentOf, type Connection } from "../chain/connection.js";

/** Options of sending. */
export interface SendOptions {
  /**
   * Compute units to request. Without it, the transaction is simulated first, and requests a tenth
   * and 5,000 more than the simulation used. A number skips the simulation; but then a transaction
   * that fails costs its fee.
   */
  computeUnits?: number | undefined;
  /** Priority fee, in micro-lamports per compute unit. */
  priorityMicroLamports?: number | bigint | undefined;
  /**
   * How often to sign and send again after the transaction expired without landing; twice unless it
   * is set.
   */
  expiryRetries?: number | undefined;
  /** Ends the waiting; what was sent may still land. */
  signal?: AbortSignal | undefined;
}

/** A blockhash, and the last block at which it is valid. */
export interface Lifetime {
  blockhash: Blockhash;
  lastValidBlockHeight: bigint;
}

/** The most compute units that a transaction may use. */
export const MAX_COMPUTE_UNITS = 1_400_000;

/** A blockhash for simulations, which replace it. */
const NO_LIFETIME: Lifetime = {
  blockhash: "11111111111111111111111111111111" as Blockhash,
  lastValidBlockHeight: 0n,
};

/** Builds a message whose fee `feePayer` pays. */
export function buildMessage(
  feePayer: TransactionSigner,
  instructions: readonly Instruction[],
  { computeUnits = MAX_COMPUTE_UNITS, priorityMicroLamports = 0 }: SendOptions = {},
  lifetime: Lifetime = NO_LIFETIME,
) {
  const price = BigInt(priorityMicroLamports);

  return pipe(
    createTransactionMessage({ version: 0 }),
    (message) => setTransactionMessageFeePayerSigner(feePayer, message),
    (message) => setTransactionMessageLifetimeUsingBlockhash(lifetime, message),
    (message) => setTransactionMessageComputeUnitLimit(computeUnits, message),
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
