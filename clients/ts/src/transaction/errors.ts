/** Errors of transactions. */

import { getSolanaErrorFromTransactionError, type Address, type Signature } from "@solana/kit";

import { NO_ADDRESS } from "../chain/addresses.js";
import { findFailedProgram } from "../chain/logs.js";
import { describeError, type NosanaErrorName } from "./knownErrors.js";

/** A transaction that failed: in the simulation, when nothing was sent or paid, or on chain. */
export class TransactionFailedError extends Error {
  override readonly name: string = "TransactionFailedError";
  /** The transaction's logs; empty if the node does not have them. */
  readonly logs: readonly string[];
  /** The transaction, if it was sent; undefined if it failed in the simulation. */
  readonly signature: Signature | undefined;

  constructor(message: string, { logs, signature }: Failure, cause?: unknown) {
    super(message, { cause });
    this.logs = logs;
    this.signature = signature;
  }
}

/** A program refused the transaction, with an error of its own. */
export class ProgramError extends TransactionFailedError {
  override readonly name = "ProgramError";
  /** The innermost program that failed. */
  readonly program: Address;
  /** The program's name in its IDL, or its address. */
  readonly programName: string;
  /** The error's number. */
  readonly code: number;
  /** The error's name in the IDL, such as `PriceAboveMaximum`. */
  readonly errorName: string;

  constructor(program: Address, code: number, failure: Failure, cause?: unknown) {
    const { programName, errorName, meaning } = describeError(program, code);
    super(`${programName} refuses: ${meaning} (${errorName}, ${code})`, failure, cause);
    this.program = program;
    this.programName = programName;
    this.code = code;
    this.errorName = errorName;
  }
}

/** The transaction did not land before its blockhash expired. */
export class TransactionExpiredError extends Error {
  override readonly name = "TransactionExpiredError";

  constructor(readonly signature: Signature) {
    super(
      `the transaction ${signature} expired before it landed; raise \`priorityMicroLamports\`, and send it again`,
    );
  }
}

/** A failed transaction, as the node reports it. */
export interface Failure {
  logs: readonly string[];
  signature?: Signature | undefined;
}

/** The runtime's error, in the form of the RPC interface. */
export type RuntimeError = string | { [key: string]: unknown };

/** Whether an error is this one of a program; TypeScript knows the names. */
export function isRefusedWith(error: unknown, name: NosanaErrorName): error is ProgramError {
  return error instanceof ProgramError && error.errorName === name;
}

/**
 * Makes an error of what the runtime reports. `programs` are those of the transaction's
 * instructions.
 */
export function toTransactionError(
  reported: RuntimeError,
  programs: readonly Address[],
  failure: Failure,
): TransactionFailedError {
  const cause = getSolanaErrorFromTransactionError(reported as never);
  const custom = findCustomCode(reported);

  if (custom) {
    // The transaction names the outer instruction, but the number is that of the innermost program.
    const program = findFailedProgram(failure.logs) ?? programs[custom.instruction] ?? NO_ADDRESS;
    return new ProgramError(program, custom.code, failure, cause);
  }
  return new TransactionFailedError(
    `the transaction failed: ${cause.message}; ${advise(reported)}`,
    failure,
    cause,
  );
}

function findCustomCode(reported: RuntimeError): { instruction: number; code: number } | undefined {
  if (typeof reported === "string") return undefined;
  const [index, inner] =
    (reported["InstructionError"] as [number | bigint, unknown] | undefined) ?? [];
  const code = (inner as { Custom?: number | bigint } | undefined)?.Custom;
  return code === undefined ? undefined : { instruction: Number(index), code: Number(code) };
}

/** What to do about an error of the runtime. */
function advise(reported: RuntimeError): string {
  const inner = JSON.stringify(reported, (_, value: unknown) =>
    typeof value === "bigint" ? Number(value) : value,
  );
  if (/AccountNotFound|InsufficientFundsFor/.test(inner)) return "fund the payer with SOL";
  if (/BlockhashNotFound/.test(inner)) return "it expired before it landed; send it again";
  if (/AlreadyProcessed/.test(inner))
    return "it landed before; look it up instead of sending it again";
  if (/ProgramAccountNotFound|UnsupportedProgramId/.test(inner))
    return "check that this is the right cluster";
  if (/MaxLoadedAccountsDataSizeExceeded/.test(inner))
    return "its accounts and programs have more bytes than its limit allows; send it again, with fewer accounts if this repeats";
  if (/ComputationalBudgetExceeded|ProgramFailedToComplete/.test(inner))
    return "request more compute units";
  return "see the logs";
}
