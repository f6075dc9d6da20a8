/** Simulations: what a transaction would do, without signatures and without a fee. */

import {
  compileTransaction,
  getBase64EncodedWireTransaction,
  type Instruction,
  type TransactionSigner,
} from "@solana/kit";

import { callNode, commitmentOf, type Connection } from "../chain/connection.js";
import { decodeEvents, type NosanaEvent } from "../chain/events.js";
import { toTransactionError, type RuntimeError } from "./errors.js";
import { buildMessage, MAX_COMPUTE_UNITS, type SendOptions } from "./message.js";

/**
 * Compute units beyond those of the simulation: other transactions may land first and change the
 * path.
 */
const SPARE_UNITS = 5_000;
/** The share of the simulated units that is added. */
const SPARE_DIVISOR = 10;

/** What a simulation found. */
export interface Simulation {
  computeUnits: number;
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
  const message = buildMessage(feePayer, instructions, {
    ...options,
    computeUnits: MAX_COMPUTE_UNITS,
  });
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
  return { computeUnits, logs, events: decodeEvents(logs) };
}

/**
 * Returns the compute units to request: those of the options, or those of a simulation and some
 * more.
 */
export async function chooseComputeUnits(
  connection: Connection,
  feePayer: TransactionSigner,
  instructions: readonly Instruction[],
  options: SendOptions,
): Promise<number> {
  if (options.computeUnits !== undefined) return options.computeUnits;

  const { computeUnits } = await simulateTransaction(connection, feePayer, instructions, options);
  return Math.min(
    computeUnits + Math.floor(computeUnits / SPARE_DIVISOR) + SPARE_UNITS,
    MAX_COMPUTE_UNITS,
  );
}
