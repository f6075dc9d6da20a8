/** Events of the three programs, from the logs of transactions. */

import type { Address, ReadonlyUint8Array } from "@solana/kit";

import { decodeNosanaJobsEvent, type NosanaJobsEvent } from "../generated/jobs/events.js";
import { NOSANA_JOBS_PROGRAM_ADDRESS } from "../generated/jobs/programs/index.js";
import { decodeNosanaRewardsEvent, type NosanaRewardsEvent } from "../generated/rewards/events.js";
import { NOSANA_REWARDS_PROGRAM_ADDRESS } from "../generated/rewards/programs/index.js";
import { decodeNosanaStakingEvent, type NosanaStakingEvent } from "../generated/staking/events.js";
import { NOSANA_STAKING_PROGRAM_ADDRESS } from "../generated/staking/programs/index.js";
import { findLoggedData } from "./logs.js";

/** An event, with the program that emitted it: the programs have events of the same names. */
export type NosanaEvent =
  | ({ program: "jobs" } & NosanaJobsEvent)
  | ({ program: "staking" } & NosanaStakingEvent)
  | ({ program: "rewards" } & NosanaRewardsEvent);

/**
 * Returns the events in a transaction's logs, in order. The logs of a failed transaction hold
 * events that did not happen.
 */
export function decodeEvents(logs: readonly string[]): NosanaEvent[] {
  return findLoggedData(logs).flatMap(({ program, data }) => decodeEvent(program, data) ?? []);
}

/** Decodes data that `program` logged; undefined if they are not an event of these programs. */
export function decodeEvent(program: Address, data: ReadonlyUint8Array): NosanaEvent | undefined {
  switch (program) {
    case NOSANA_JOBS_PROGRAM_ADDRESS: {
      const event = decodeNosanaJobsEvent(data);
      return event && { program: "jobs", ...event };
    }
    case NOSANA_STAKING_PROGRAM_ADDRESS: {
      const event = decodeNosanaStakingEvent(data);
      return event && { program: "staking", ...event };
    }
    case NOSANA_REWARDS_PROGRAM_ADDRESS: {
      const event = decodeNosanaRewardsEvent(data);
      return event && { program: "rewards", ...event };
    }
    default:
      return undefined;
  }
}

/** Whether an event names this address in one of its fields. */
export function isAbout(event: NosanaEvent, address: Address): boolean {
  return Object.values(event.data).includes(address);
}
