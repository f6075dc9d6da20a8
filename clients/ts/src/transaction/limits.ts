/** The limits that a transaction requests, by what its simulation used. */

import type { Instruction, TransactionSigner } from "@solana/kit";

import type { Connection } from "../chain/connection.js";
import { MAX_COMPUTE_UNITS, MAX_LOADED_BYTES, type Limits, type SendOptions } from "./message.js";
import { simulateTransaction } from "./simulate.js";

/**
 * Compute units beyond those of the simulation: other transactions may land first and change the
 * path.
 */
const SPARE_UNITS = 5_000;
/** The share of the simulated units that is added. */
const SPARE_DIVISOR = 10;
/** Bytes of a page. Leaders charge whole pages: a limit between two of them reserves no less. */
const PAGE_BYTES = 32 * 1024;
/** The share of the simulated bytes that is added: an upgrade of a program may land first. */
const LOADED_SPARE_DIVISOR = 4;
/** The least number of bytes that is added: queues may grow first, and accounts may be created. */
const MIN_LOADED_SPARE_BYTES = 2 * PAGE_BYTES;

/** Returns the limits to request: the compute units of the options alone, or by a simulation. */
export async function chooseLimits(
  connection: Connection,
  feePayer: TransactionSigner,
  instructions: readonly Instruction[],
  options: SendOptions,
): Promise<Limits> {
  if (options.computeUnits !== undefined) {
    return { computeUnits: options.computeUnits, loadedBytes: undefined };
  }

  const simulated = await simulateTransaction(connection, feePayer, instructions, options);
  const used = simulated.computeUnits;
  const loaded = simulated.loadedBytes;
  return {
    computeUnits: Math.min(
      used + Math.floor(used / SPARE_DIVISOR) + SPARE_UNITS,
      MAX_COMPUTE_UNITS,
    ),
    loadedBytes: loaded === undefined ? undefined : chooseLoadedLimit(loaded),
  };
}

/** Returns the limit of loaded bytes to request, given those that the simulation loaded. */
export function chooseLoadedLimit(simulatedBytes: number): number {
  const spare = Math.max(Math.floor(simulatedBytes / LOADED_SPARE_DIVISOR), MIN_LOADED_SPARE_BYTES);
  const pages = Math.ceil((simulatedBytes + spare) / PAGE_BYTES);
  return Math.min(pages * PAGE_BYTES, MAX_LOADED_BYTES);
}
