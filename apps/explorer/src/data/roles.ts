/** What an address is, and what it does, as the open accounts show it. */

import type { Address } from "@solana/kit";

import type { LinkTarget } from "../routes.ts";
import { ledger } from "./ledger.ts";

/** The types of accounts, by the tables that hold them. */
export type KnownKind = keyof typeof KIND_NAMES;

export const KIND_NAMES = {
  jobsConfig: "Configuration of the jobs program",
  markets: "Market",
  queues: "Queue",
  jobs: "Job",
  nodes: "Node",
  disputes: "Dispute",
  stakingConfig: "Configuration of the staking program",
  stakes: "Stake",
  delegations: "Delegation",
  pool: "Reward pool",
  positions: "Position",
  streams: "Emission stream",
} as const satisfies Record<keyof typeof ledger, string>;

/** A role: its account and page, or how often an address has it. */
export interface Role {
  name: string;
  page: LinkTarget | undefined;
  account: string;
}

/** The type of the account at this address; undefined if it is none of the programs'. */
export function accountKindOf(address: Address): string | undefined {
  const key = tableOf(address);
  return key && KIND_NAMES[key];
}

/** The table that holds the account at this address. */
export function tableOf(address: Address): KnownKind | undefined {
  const keys = Object.keys(KIND_NAMES) as KnownKind[];
  return keys.find((key) => ledger[key].get(address) !== undefined);
}

/** A stake may have thousands of delegations: so many accounts of a role are listed. */
const MAX_LISTED = 8;

/** The roles of an address; of those that it has many times, the first ones and a count. */
export function findRoles(address: Address): Role[] {
  const names = new Map<string, number>();
  const listed = allRoles(address).filter(({ name }) => {
    const count = (names.get(name) ?? 0) + 1;
    names.set(name, count);
    return count <= MAX_LISTED;
  });
  const long = [...names].filter(([, count]) => count > MAX_LISTED);
  const counts = long.map(([name, count]) => {
    return { name, page: undefined, account: `${count} in all` };
  });
  return [...listed, ...counts];
}

function allRoles(address: Address): Role[] {
  return [
    ...linked("Node", "node", ledger.nodes.entries(), ({ authority }) => authority === address),
    ...linked("Market authority", "market", ledger.markets.entries(), (market) =>
      [market.authority, market.creator].includes(address),
    ),
    ...linked("Staker", "address", ledger.stakes.entries(), ({ owner }) => owner === address),
    ...linked("Delegator", "address", ledger.delegations.entries(), (delegation) =>
      [delegation.delegator, delegation.stake].includes(address),
    ),
    ...linked("Position", "address", ledger.positions.entries(), ({ owner }) => owner === address),
    ...linked("Stream", "address", ledger.streams.entries(), ({ owner }) => owner === address),
    ...linked("Challenger", "job", disputedJobs(), (challenger) => challenger === address),
    ...counted("Client of jobs", countJobs(address)),
    ...linked("Admin", "address", ledger.jobsConfig.entries(), ({ admin, guardian }) =>
      [admin, guardian].includes(address),
    ),
  ];
}

function* disputedJobs(): IterableIterator<[Address, Address]> {
  for (const { job, challenger } of ledger.disputes.values()) yield [job, challenger];
}

function linked<T>(
  name: string,
  page: LinkTarget,
  entries: Iterable<[Address, T]>,
  has: (account: T) => boolean,
): Role[] {
  const roles: Role[] = [];
  for (const [account, data] of entries) if (has(data)) roles.push({ name, page, account });
  return roles;
}

function counted(name: string, count: number): Role[] {
  return count === 0 ? [] : [{ name, page: undefined, account: String(count) }];
}

function countJobs(address: Address): number {
  let count = 0;
  for (const { client, payer } of ledger.jobs.values()) {
    if (client === address || payer === address) count += 1;
  }
  return count;
}
