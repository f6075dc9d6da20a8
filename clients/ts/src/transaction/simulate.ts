/** Simulations: what a transaction would do, without signatures and without a fee. */

import {
  compileTransaction,
  getBase64EncodedWireTransaction,
  getSignersFromTransactionMessage,
  isTransactionMessageWithinSizeLimit,
  isTransactionModifyingSigner,
  isTransactionSendingSigner,
  type Instruction,
  type TransactionSigner,
} from "@solana/kit";

import { callNode, commitmentOf, type Connection } from "../chain/connection.js";
import { decodeEvents, type NosanaEvent } from "../chain/events.js";
import { toTransactionError, type RuntimeError } from "./errors.js";
import {
  buildMessage,
  MAX_COMPUTE_UNITS,
  MAX_LOADED_BYTES,
  type Message,
  type SendOptions,
} from "./message.js";

/** What a simulation found. */
export interface Simulation {
  computeUnits: number;
  /**
   * Bytes of accounts and of the code of programs. Undefined if the node does not report them or
   * reports zero, if a signer may change the transaction, or if the transaction has no room for the
   * instruction that limits them.
   */
  loadedBytes: number | undefined;
  logs: readonly string[];
  events: NosanaEvent[];
}

/** Simulates a transaction; fails as the transaction would. */
export async function simulateTransaction(
  connection: Connection,
  feePayer: TransactionSigner,
  instructions: readonly Instruction[],
  options: SendOptions = {},
): Promise<Simulation> {
  const { message, hasLoadedLimit } = buildSimulated(
    feePayer,
    instructions,
    options.priorityMicroLamports,
  );
  const wire = getBase64EncodedWireTransaction(compileTransaction(message));

  const { value } = await callNode(
    () =>
      connection.rpc
        .simulateTransaction(wire, {
          commitment: commitmentOf(connection),
          encoding: "base64",
          replaceRecentBlockhash: true,
          sigVerify: false,
        })
        .send(),
    options.signal,
  );
  const logs = value.logs ?? [];
  if (value.err) {
    const programs = message.instructions.map(({ programAddress }) => programAddress);
    throw toTransactionError(value.err as RuntimeError, programs, { logs });
  }

  const computeUnits = Number(value.unitsConsumed ?? MAX_COMPUTE_UNITS);
  const loaded = hasLoadedLimit ? value.loadedAccountsDataSize : undefined;
  // Every transaction loads its payer: a node that reports zero has not counted.
  const loadedBytes = loaded ? Number(loaded) : undefined;
  return { computeUnits, loadedBytes, logs, events: decodeEvents(logs) };
}

/**
 * Builds the message to simulate, which has the instructions of both limits, because each uses
 * compute units: without that of loaded bytes if it only fits into a packet so, or if a signer may
 * add instructions, whose accounts the simulation would not load.
 */
function buildSimulated(
  feePayer: TransactionSigner,
  instructions: readonly Instruction[],
  price: number | bigint | undefined,
): { message: Message; hasLoadedLimit: boolean } {
  const most = { computeUnits: MAX_COMPUTE_UNITS, loadedBytes: MAX_LOADED_BYTES };
  const message: Message = buildMessage(feePayer, instructions, most, price);
  if (!mayBeModified(message) && isTransactionMessageWithinSizeLimit(message)) {
    return { message, hasLoadedLimit: true };
  }

  const less = { ...most, loadedBytes: undefined };
  return {
    message: buildMessage(feePayer, instructions, less, price),
    hasLoadedLimit: false,
  };
}

/** Whether a signer may change the message before it signs, as wallets of browsers do. */
function mayBeModified(message: Message): boolean {
  return getSignersFromTransactionMessage(message).some(
    (signer) => isTransactionModifyingSigner(signer) || isTransactionSendingSigner(signer),
  );
}
