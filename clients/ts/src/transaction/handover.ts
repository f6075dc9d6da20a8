/**
 * Transactions that several parties sign apart: one builds and signs, hands the bytes to the next,
 * and the last one sends them. So a sponsor can pay the fees, the deposit and the rent of somebody
 * else's job.
 */

import {
  createNoopSigner,
  decompileTransactionMessage,
  getBase64Encoder,
  getCompiledTransactionMessageDecoder,
  getTransactionDecoder,
  getBase64EncodedWireTransaction,
  partiallySignTransactionMessageWithSigners,
  partiallySignTransactionWithSigners,
  isFullySignedTransaction,
  type Address,
  type Base64EncodedWireTransaction,
  type Instruction,
  type TransactionModifyingSigner,
  type TransactionPartialSigner,
  type TransactionSigner,
} from "@solana/kit";

import type { Connection } from "../chain/connection.js";
import { TransactionExpiredError } from "./errors.js";
import { chooseLimits } from "./limits.js";
import { buildMessage, fetchLifetime, type SendOptions } from "./message.js";
import { deliverParcel, toParcel, type Receipt } from "./send.js";

/** A transaction on its way between its signers; it is valid for about a minute. */
export interface Handover {
  /** The transaction, with the signatures that it has so far. */
  wire: Base64EncodedWireTransaction;
  /** The block after which it cannot land. */
  lastValidBlockHeight: bigint;
}

/** Signers that sign without sending. */
export type HandoverSigner = TransactionPartialSigner | TransactionModifyingSigner;

/**
 * A signer that somebody else is: give it where an instruction or a fee payer needs the absent
 * party.
 */
export function absentSigner(address: Address): TransactionSigner {
  return createNoopSigner(address);
}

/**
 * Builds a transaction, and signs it by all signers that are here. `feePayer` may be an {@link
 * absentSigner}.
 */
export async function beginHandover(
  connection: Connection,
  feePayer: TransactionSigner,
  instructions: readonly Instruction[],
  options: SendOptions = {},
): Promise<Handover> {
  const chosen = await chooseLimits(connection, feePayer, instructions, options);
  // The wallet of an absent party may add instructions before it signs, whose accounts the
  // simulation did not load.
  const limits = { ...chosen, loadedBytes: undefined };
  const lifetime = await fetchLifetime(connection, options.signal);

  const price = options.priorityMicroLamports;
  const message = buildMessage(feePayer, instructions, limits, price, lifetime);
  const transaction = await partiallySignTransactionMessageWithSigners(message);
  return {
    wire: getBase64EncodedWireTransaction(transaction),
    lastValidBlockHeight: lifetime.lastValidBlockHeight,
  };
}

/** Returns the instructions of a transaction, so that a sponsor can check what it signs. */
export function readHandover({ wire }: Handover): readonly Instruction[] {
  const { messageBytes } = decodeWire(wire);
  return decompileTransactionMessage(getCompiledTransactionMessageDecoder().decode(messageBytes))
    .instructions;
}

/** Adds signatures. */
export async function signHandover(
  handover: Handover,
  signers: readonly HandoverSigner[],
): Promise<Handover> {
  const transaction = await partiallySignTransactionWithSigners(signers, decodeWire(handover.wire));
  return { ...handover, wire: getBase64EncodedWireTransaction(transaction) };
}

/** Sends a transaction that all have signed, and waits until it is confirmed. */
export async function sendHandover(
  connection: Connection,
  handover: Handover,
  signal?: AbortSignal,
): Promise<Receipt> {
  const transaction = decodeWire(handover.wire);
  if (!isFullySignedTransaction(transaction)) {
    const missing = Object.entries(transaction.signatures).filter(
      ([, signature]) => signature === null,
    );
    throw new Error(
      `${missing.map(([address]) => address).join(", ")} must sign before the transaction is sent`,
    );
  }

  const programs = readHandover(handover).map(({ programAddress }) => programAddress);
  const parcel = toParcel(transaction, handover.lastValidBlockHeight);
  const receipt = await deliverParcel(connection, parcel, programs, signal);
  if (!receipt) throw new TransactionExpiredError(parcel.signature);
  return receipt;
}

function decodeWire(wire: Base64EncodedWireTransaction) {
  return getTransactionDecoder().decode(getBase64Encoder().encode(wire));
}
