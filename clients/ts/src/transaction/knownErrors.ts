/** Names and meanings of programs' error numbers. */

import type { Address } from "@solana/kit";

import { NOSANA_JOBS_ERROR_NAMES } from "../generated/jobs/errorNames.js";
import { getNosanaJobsErrorMessage, type NosanaJobsError } from "../generated/jobs/errors/index.js";
import { NOSANA_JOBS_PROGRAM_ADDRESS } from "../generated/jobs/programs/index.js";
import { NOSANA_REWARDS_ERROR_NAMES } from "../generated/rewards/errorNames.js";
import {
  getNosanaRewardsErrorMessage,
  type NosanaRewardsError,
} from "../generated/rewards/errors/index.js";
import { NOSANA_REWARDS_PROGRAM_ADDRESS } from "../generated/rewards/programs/index.js";
import { NOSANA_STAKING_ERROR_NAMES } from "../generated/staking/errorNames.js";
import {
  getNosanaStakingErrorMessage,
  type NosanaStakingError,
} from "../generated/staking/errors/index.js";
import { NOSANA_STAKING_PROGRAM_ADDRESS } from "../generated/staking/programs/index.js";
import { NO_ADDRESS, TOKEN_PROGRAM } from "../chain/addresses.js";

/** The name of any error of the three programs in the IDL. */
export type NosanaErrorName =
  | (typeof NOSANA_JOBS_ERROR_NAMES)[NosanaJobsError]
  | (typeof NOSANA_STAKING_ERROR_NAMES)[NosanaStakingError]
  | (typeof NOSANA_REWARDS_ERROR_NAMES)[NosanaRewardsError];

/** What is known about an error number of a program. */
export interface KnownError {
  /** The program's name in its IDL, or its address. */
  programName: string;
  /** The error's name in the IDL. */
  errorName: string;
  /** What the error means, and what to do. */
  meaning: string;
}

/** The system program has the address of zeros. */
const SYSTEM_PROGRAM = NO_ADDRESS;
const UNKNOWN = ["Unknown", "an error that this client does not know; see the logs"] as const;

/** Errors of the framework, by their numbers in Anchor 2. */
const FRAMEWORK: Record<number, readonly [string, string]> = {
  2000: ["ConstraintMut", "an account must be writable"],
  2001: ["ConstraintHasOne", "an account is not the one that another account names"],
  2003: ["ConstraintRaw", "an account violates its constraint"],
  2005: ["ConstraintRentExempt", "an account has too few lamports for its rent"],
  2007: ["ConstraintExecutable", "an account must be a program"],
  2011: ["ConstraintClose", "an account cannot be closed into itself"],
  2012: ["ConstraintAddress", "an account has the wrong address"],
  2013: ["ConstraintZero", "an account is already in use"],
  2019: ["ConstraintSpace", "an account has the wrong size"],
  2020: ["ConstraintAccountIsNone", "an account is missing"],
  2040: ["ConstraintDuplicateMutableAccount", "a writable account was given twice"],
};

const SYSTEM: Record<number, readonly [string, string]> = {
  0: ["AccountAlreadyInUse", "the account exists already"],
  1: ["ResultWithNegativeLamports", "too little SOL; fund the payer"],
};

const TOKEN: Record<number, readonly [string, string]> = {
  1: ["InsufficientFunds", "the token account has too little NOS"],
  3: ["MintMismatch", "the token account is of another mint"],
  4: ["OwnerMismatch", "the token account belongs to another wallet"],
  17: ["AccountFrozen", "the token account is frozen"],
};

/** Returns what is known about an error number. */
export function describeError(program: Address, code: number): KnownError {
  const [errorName, meaning] = findError(program, code) ?? UNKNOWN;
  return { programName: nameProgram(program), errorName, meaning };
}

function findError(program: Address, code: number): readonly [string, string] | undefined {
  switch (program) {
    case NOSANA_JOBS_PROGRAM_ADDRESS: {
      const name = (NOSANA_JOBS_ERROR_NAMES as Record<number, string>)[code];
      return name ? [name, getNosanaJobsErrorMessage(code as NosanaJobsError)] : FRAMEWORK[code];
    }
    case NOSANA_STAKING_PROGRAM_ADDRESS: {
      const name = (NOSANA_STAKING_ERROR_NAMES as Record<number, string>)[code];
      return name
        ? [name, getNosanaStakingErrorMessage(code as NosanaStakingError)]
        : FRAMEWORK[code];
    }
    case NOSANA_REWARDS_PROGRAM_ADDRESS: {
      const name = (NOSANA_REWARDS_ERROR_NAMES as Record<number, string>)[code];
      return name
        ? [name, getNosanaRewardsErrorMessage(code as NosanaRewardsError)]
        : FRAMEWORK[code];
    }
    case SYSTEM_PROGRAM:
      return SYSTEM[code];
    case TOKEN_PROGRAM:
      return TOKEN[code];
    default:
      return undefined;
  }
}

function nameProgram(program: Address): string {
  switch (program) {
    case NOSANA_JOBS_PROGRAM_ADDRESS:
      return "nosana_jobs";
    case NOSANA_STAKING_PROGRAM_ADDRESS:
      return "nosana_staking";
    case NOSANA_REWARDS_PROGRAM_ADDRESS:
      return "nosana_rewards";
    case SYSTEM_PROGRAM:
      return "the system program";
    case TOKEN_PROGRAM:
      return "the token program";
    default:
      return program;
  }
}
