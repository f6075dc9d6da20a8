/** All accounts of the three programs, as the page knows them. */

import * as jobs from "@nosana-programs/client/jobs";
import * as rewards from "@nosana-programs/client/rewards";
import * as staking from "@nosana-programs/client/staking";
import { containsBytes, type Address, type ReadonlyUint8Array } from "@solana/kit";

import { JobBrief } from "./jobBrief.ts";
import { AccountTable } from "./table.ts";

/** An account that changed; without data it was closed. */
export interface AccountChange {
  address: Address;
  program: Address;
  data: Uint8Array | undefined;
}

export const ledger = {
  jobsConfig: new AccountTable(jobs.getConfigDecoder()),
  markets: new AccountTable(jobs.getMarketDecoder()),
  queues: new AccountTable(jobs.getQueueHeaderDecoder()),
  jobs: new AccountTable((bytes) => new JobBrief(bytes)),
  nodes: new AccountTable(jobs.getNodeDecoder()),
  disputes: new AccountTable(jobs.getDisputeDecoder()),
  stakingConfig: new AccountTable(staking.getConfigDecoder()),
  stakes: new AccountTable(staking.getStakeDecoder()),
  delegations: new AccountTable(staking.getDelegationDecoder()),
  pool: new AccountTable(rewards.getPoolDecoder()),
  positions: new AccountTable(rewards.getPositionDecoder()),
  streams: new AccountTable(rewards.getStreamDecoder()),
};

interface Kind {
  programAddress: Address;
  discriminator: ReadonlyUint8Array;
}

type AnyTable = Pick<AccountTable<unknown>, "set" | "delete" | "clear" | "announce">;

const PLACES: { kind: Kind; size: number; table: AnyTable }[] = [
  place(jobs.CONFIG_ACCOUNT, ledger.jobsConfig, jobs.getConfigDecoder()),
  place(jobs.MARKET_ACCOUNT, ledger.markets, jobs.getMarketDecoder()),
  place(jobs.QUEUE_HEADER_ACCOUNT, ledger.queues, {}),
  place(jobs.JOB_ACCOUNT, ledger.jobs, jobs.getJobDecoder()),
  place(jobs.NODE_ACCOUNT, ledger.nodes, jobs.getNodeDecoder()),
  place(jobs.DISPUTE_ACCOUNT, ledger.disputes, jobs.getDisputeDecoder()),
  place(staking.CONFIG_ACCOUNT, ledger.stakingConfig, staking.getConfigDecoder()),
  place(staking.STAKE_ACCOUNT, ledger.stakes, staking.getStakeDecoder()),
  place(staking.DELEGATION_ACCOUNT, ledger.delegations, staking.getDelegationDecoder()),
  place(rewards.POOL_ACCOUNT, ledger.pool, rewards.getPoolDecoder()),
  place(rewards.POSITION_ACCOUNT, ledger.positions, rewards.getPositionDecoder()),
  place(rewards.STREAM_ACCOUNT, ledger.streams, rewards.getStreamDecoder()),
];

export const PROGRAMS: readonly Address[] = [
  jobs.NOSANA_JOBS_PROGRAM_ADDRESS,
  staking.NOSANA_STAKING_PROGRAM_ADDRESS,
  rewards.NOSANA_REWARDS_PROGRAM_ADDRESS,
];

/** Replaces all accounts. */
export function replaceLedger(accounts: readonly AccountChange[]): void {
  for (const { table } of PLACES) table.clear();
  applyChanges(accounts);
  for (const { table } of PLACES) table.announce();
}

/** Stores what changed, and announces it once to who reads the tables. */
export function applyChanges(changes: readonly AccountChange[]): void {
  const changed = new Set<AnyTable>();
  for (const { address, program, data } of changes) {
    if (data === undefined || data.length === 0) {
      forgetAccount(address, changed);
      continue;
    }
    const table = findTable(program, data);
    table?.set(address, data);
    if (table) changed.add(table);
  }
  for (const table of changed) table.announce();
}

/** The whole account of a job; undefined if it does not exist. */
export function fullJob(address: Address): jobs.Job | undefined {
  const brief = ledger.jobs.get(address);
  return brief && jobs.getJobDecoder().decode(brief.bytes);
}

function forgetAccount(address: Address, changed: Set<AnyTable>): void {
  for (const { table } of PLACES) {
    table.delete(address);
    changed.add(table);
  }
}

function findTable(program: Address, data: Uint8Array): AnyTable | undefined {
  return PLACES.find(
    ({ kind, size }) =>
      kind.programAddress === program &&
      data.length >= size &&
      containsBytes(data, kind.discriminator, 0),
  )?.table;
}

function place(kind: Kind, table: AnyTable, decoder: { fixedSize?: number }) {
  return { kind, table, size: decoder.fixedSize ?? 0 };
}
