/** The names of instructions, from their first eight bytes. */

import {
  identifyNosanaJobsInstruction,
  NosanaJobsInstruction,
  NOSANA_JOBS_PROGRAM_ADDRESS,
} from "@nosana-programs/client/jobs";
import {
  identifyNosanaRewardsInstruction,
  NosanaRewardsInstruction,
  NOSANA_REWARDS_PROGRAM_ADDRESS,
} from "@nosana-programs/client/rewards";
import {
  identifyNosanaStakingInstruction,
  NosanaStakingInstruction,
  NOSANA_STAKING_PROGRAM_ADDRESS,
} from "@nosana-programs/client/staking";
import { getBase58Encoder, type Address } from "@solana/kit";

/** The programs that transactions of the marketplace call besides its own. */
const OTHERS: Record<string, string> = {
  ComputeBudget111111111111111111111111111111: "compute budget",
  "11111111111111111111111111111111": "system program",
  TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA: "token program",
  ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL: "token account program",
};

/** Returns the name of an instruction; of foreign programs, what they are. */
export function instructionName(program: Address, data: string): string {
  try {
    const bytes = getBase58Encoder().encode(data);
    switch (program) {
      case NOSANA_JOBS_PROGRAM_ADDRESS:
        return nameOf(NosanaJobsInstruction[identifyNosanaJobsInstruction(bytes)]);
      case NOSANA_STAKING_PROGRAM_ADDRESS:
        return nameOf(NosanaStakingInstruction[identifyNosanaStakingInstruction(bytes)]);
      case NOSANA_REWARDS_PROGRAM_ADDRESS:
        return nameOf(NosanaRewardsInstruction[identifyNosanaRewardsInstruction(bytes)]);
      default:
        return OTHERS[program] ?? "another program";
    }
  } catch {
    return "an unknown instruction";
  }
}

/** `ExpireRun` as the programs spell it: `expire_run`. */
function nameOf(name: string): string {
  return name.replace(/(?!^)([A-Z])/g, "_$1").toLowerCase();
}
