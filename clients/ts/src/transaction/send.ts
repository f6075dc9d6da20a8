/**
 * Sends transactions: simulates, signs and delivers, and signs again only after the first signature
 * has expired.
 */

import {
  getBase64EncodedWireTransaction,
  getBase58Decoder,
  getSignatureFromTransaction,
  getSignersFromTransactionMessage,
  isSolanaError,
  isTransactionModifyingSigner,
  isTransactionPartialSigner,
  isTransactionSendingSigner,
  signAndSendTransactionMessageWithSigners,
  signTransactionMessageWithSigners,
  SOLANA_ERROR__TRANSACTION_ERROR__MAX_LOADED_ACCOUNTS_DATA_SIZE_EXCEEDED as TOO_MUCH_LOADED,
  type Address,
  type Instruction,
  type Signature,
  type Transaction,
  type TransactionSigner,
  type TransactionWithLifetime,
} from "@solana/kit";

import { callNode, commitmentOf, type Connection } from "../chain/connection.js";
import { deliverTransaction, type Parcel } from "./deliver.js";
import { toTransactionError, TransactionExpiredError, TransactionFailedError } from "./errors.js";
import { chooseLimits } from "./limits.js";
import {
  buildMessage,
  fetchLifetime,
  type Lifetime,
  type Message,
  type SendOptions,
} from "./message.js";

/** A transaction that landed and succeeded. */
export interface Receipt {
  signature: Signature;
  slot: bigint;
}

/** The default of {@link SendOptions.expiryRetries}. */
const EXPIRY_RETRIES = 2;

/**
 * Sends a transaction, and waits until it is confirmed.
 *
 * If the simulation fails, this fails, and nothing is sent or paid. There are never two
 * transactions under way at once: the same bytes are sent again until they land or expire. A
 * transaction that fails because its accounts have grown beyond its limit of loaded bytes is sent
 * once more without the limit, unless {@link SendOptions.expiryRetries} is zero.
 */
export async function sendTransaction(
  connection: Connection,
  feePayer: TransactionSigner,
  instructions: readonly Instruction[],
  options: SendOptions = {},
): Promise<Receipt> {
  const price = options.priorityMicroLamports;
  let limits = await chooseLimits(connection, feePayer, instructions, options);
  let retriesLeft = options.expiryRetries ?? EXPIRY_RETRIES;
  const maySignAgain = retriesLeft > 0;

  for (;;) {
    const lifetime = await fetchLifetime(connection, options.signal);
    const message = buildMessage(feePayer, instructions, limits, price, lifetime);
    const parcel = await signMessage(message, lifetime, options.signal);

    const programs = message.instructions.map(({ programAddress }) => programAddress);
    try {
      const receipt = await deliverParcel(connection, parcel, programs, options.signal);
      if (receipt) return receipt;
    } catch (error) {
      const isLimited = limits.loadedBytes !== undefined;
      if (!maySignAgain || !isLimited || !hasLoadedTooMuch(error)) throw error;
      // Since the simulation its accounts have grown beyond the limit. It had no effect but its fee.
      // Another simulation could find the same number.
      limits = { ...limits, loadedBytes: undefined };
      continue;
    }

    if (retriesLeft === 0) throw new TransactionExpiredError(parcel.signature);
    retriesLeft -= 1;
  }
}

function hasLoadedTooMuch(error: unknown): boolean {
  return error instanceof TransactionFailedError && isSolanaError(error.cause, TOO_MUCH_LOADED);
}

/** Delivers a transaction; returns undefined if it has expired. */
export async function deliverParcel(
  connection: Connection,
  parcel: Parcel,
  programs: readonly Address[],
  signal?: AbortSignal,
): Promise<Receipt | undefined> {
  const { signature } = parcel;
  const delivery = await deliverTransaction(connection, parcel, signal);

  switch (delivery.outcome) {
    case "expired":
      return undefined;
    case "landed": {
      if (delivery.error === null) return { signature, slot: delivery.slot };
      const logs = await fetchLogs(connection, signature);
      throw toTransactionError(delivery.error, programs, { logs, signature });
    }
  }
}

/**
 * Makes a parcel of a signed transaction. A wallet may have given it another blockhash than the
 * message had.
 */
export function toParcel(
  transaction: Transaction & Partial<TransactionWithLifetime>,
  lastValidBlockHeight: bigint,
): Parcel {
  const own = transaction.lifetimeConstraint;

  return {
    signature: getSignatureFromTransaction(transaction),
    wire: getBase64EncodedWireTransaction(transaction),
    lastValidBlockHeight:
      own && "lastValidBlockHeight" in own ? own.lastValidBlockHeight : lastValidBlockHeight,
  };
}

/**
 * Signs by all signers of the message. Wallets that only sign and send in one step send it
 * themselves.
 */
async function signMessage(
  message: Message,
  { lastValidBlockHeight }: Lifetime,
  signal?: AbortSignal,
): Promise<Parcel> {
  const config = signal ? { abortSignal: signal } : {};
  const sendsOnly = getSignersFromTransactionMessage(message).some(
    (signer) =>
      isTransactionSendingSigner(signer) &&
      !isTransactionPartialSigner(signer) &&
      !isTransactionModifyingSigner(signer),
  );

  if (sendsOnly) {
    const bytes = await signAndSendTransactionMessageWithSigners(message, config);
    const signature = getBase58Decoder().decode(bytes) as Signature;
    return { signature, wire: undefined, lastValidBlockHeight };
  }
  return toParcel(await signTransactionMessageWithSigners(message, config), lastValidBlockHeight);
}

async function fetchLogs(connection: Connection, signature: Signature): Promise<readonly string[]> {
  const found = await callNode(() =>
    connection.rpc
      .getTransaction(signature, {
        commitment: commitmentOf(connection),
        encoding: "json",
        maxSupportedTransactionVersion: 0,
      })
      .send(),
  ).catch(() => null);
  return found?.meta?.logMessages ?? [];
}
