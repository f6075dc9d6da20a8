/** The generated clients, by the names of their programs. */

import * as jobs from "../../src/generated/jobs/index.ts";
import * as rewards from "../../src/generated/rewards/index.ts";
import * as staking from "../../src/generated/staking/index.ts";
import type { ProgramName } from "./idl.ts";

const CLIENTS: Record<ProgramName, Record<string, unknown>> = { jobs, staking, rewards };

/** Returns what a generated client exports under a name. */
export function generated<T>(program: ProgramName, name: string): T {
  const found = CLIENTS[program][name];
  if (found === undefined) throw new Error(`the client of ${program} does not export ${name}`);
  return found as T;
}
