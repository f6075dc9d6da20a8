/** All accounts of the three programs, as the page knows them. */

import { computed } from "@preact/signals";
import * as jobs from "@nosana-programs/client/jobs";
import * as rewards from "@nosana-programs/client/rewards";
import * as staking from "@nosana-programs/client/staking";
import { containsBytes, type Address, type Decoder, type ReadonlyUint8Array } from "@solana/kit";

import { JobBrief } from "./jobBrief.ts";
import { NodeBrief } from "./nodeBrief.ts";
import { QueueBrief } from "./queueBrief.ts";
import { AccountTable } from "./table.ts";
import { claimedJobs } from "./totals.ts";

/** An account that changed; without data it was closed. */
export interface AccountChange {
  address: Address;
  program: Address;
  data: Uint8Array | undefined;
}

export const ledger = {
  jobsConfig: new AccountTable(jobs.getConfigDecoder()),
  markets: new AccountTable(jobs.getMarketDecoder()),
  queues: new AccountTable((bytes) => new QueueBrief(bytes)),
  jobs: new AccountTable((bytes) => new JobBrief(bytes)),
  nodes: new AccountTable((bytes) => new NodeBrief(bytes)),
  disputes: new AccountTable(jobs.getDisputeDecoder()),
  stakingConfig: new AccountTable(staking.getConfigDecoder()),
  stakes: new AccountTable(staking.getStakeDecoder()),
  delegations: new AccountTable(staking.getDelegationDecoder()),
  pool: new AccountTable(rewards.getPoolDecoder()),
  positions: new AccountTable(rewards.getPositionDecoder()),
  streams: new AccountTable(rewards.getStreamDecoder()),
};

/** A queue without cells. */
const QUEUE_HEAD_BYTES = 148;

interface Kind {
  programAddress: Address;
  discriminator: ReadonlyUint8Array;
}

type AnyTable = Pick<AccountTable<unknown>, "set" | "delete" | "clear" | "announce">;

const PLACES: { kind: Kind; size: number; table: AnyTable }[] = [
  place(jobs.CONFIG_ACCOUNT, ledger.jobsConfig, jobs.getConfigDecoder()),
  place(jobs.MARKET_ACCOUNT, ledger.markets, jobs.getMarketDecoder()),
  place(jobs.QUEUE_HEADER_ACCOUNT, ledger.queues, { fixedSize: QUEUE_HEAD_BYTES }),
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

/** The jobs that nodes have claimed and not started. */
export const claims = computed(() => claimedJobs(ledger.nodes.values()));

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
  return decodeWhole(ledger.jobs.get(address), jobs.getJobDecoder());
}

/** The whole account of a node; undefined if it does not exist. */
export function fullNode(address: Address): jobs.Node | undefined {
  return decodeWhole(ledger.nodes.get(address), jobs.getNodeDecoder());
}

/** The account of any type at an address, with all its fields; undefined if there is none. */
export function fullAccount(kind: keyof typeof ledger, address: Address): object | undefined {
  switch (kind) {
    case "jobs":
      return fullJob(address);
    case "nodes":
      return fullNode(address);
    case "queues":
      return decodeWhole(ledger.queues.get(address), jobs.getQueueHeaderDecoder());
    default:
      return ledger[kind].get(address);
  }
}

function decodeWhole<T>(
  brief: { bytes: Uint8Array } | undefined,
  decoder: Pick<Decoder<T>, "decode">,
): T | undefined {
  try {
    return brief && decoder.decode(brief.bytes);
  } catch {
    // An account of a layout that this page does not know.
    return undefined;
  }
}

function forgetAccount(address: Address, changed: Set<AnyTable>): void {
  for (const { table } of PLACES) if (table.delete(address)) changed.add(table);
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
