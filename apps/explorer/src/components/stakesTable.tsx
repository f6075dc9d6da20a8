/** All stakes. */

import type { Stake } from "@nosana-programs/client/staking";
import type { Address } from "@solana/kit";

import { ledger } from "../data/ledger.ts";
import { rateText } from "../format/amount.ts";
import { durationText } from "../format/time.ts";
import { PagedTable, type Column } from "./pagedTable.tsx";
import { AddressLink, Amount, Badge } from "./values.tsx";

type StakeRow = readonly [Address, Stake];

const COLUMNS: Column<StakeRow>[] = [
  {
    title: "Owner",
    cell: ([, { owner, unstakedAt }]) => (
      <>
        <AddressLink to="address" address={owner} />{" "}
        {unstakedAt > 0n && <Badge tone="waiting">Cooldown</Badge>}
      </>
    ),
  },
  {
    title: "Staked, NOS",
    isNumber: true,
    cell: ([, { amount, withdrawn }]) => <Amount value={amount - withdrawn} unit="" />,
  },
  { title: "Cooldown", cell: ([, { durationSeconds }]) => durationText(durationSeconds) },
  {
    title: "Locked, NOS",
    isNumber: true,
    isExtra: true,
    cell: ([, { locked }]) => <Amount value={locked} unit="" />,
  },
  {
    title: "Slashed, NOS",
    isNumber: true,
    isExtra: true,
    cell: ([, { slashed }]) => <Amount value={slashed} unit="" />,
  },
  {
    title: "Delegated, NOS",
    isNumber: true,
    isExtra: true,
    cell: ([, { delegated }]) => <Amount value={delegated} unit="" />,
  },
  {
    title: "Commission",
    isNumber: true,
    isExtra: true,
    cell: ([, { acceptsDelegation, commissionBps }]) =>
      acceptsDelegation === 0 ? "–" : rateText(commissionBps),
  },
];

export function StakesTable() {
  const rows = [...ledger.stakes.entries()].sort(([, one], [, other]) =>
    one.amount === other.amount ? 0 : one.amount < other.amount ? 1 : -1,
  );
  return (
    <PagedTable
      caption="Stakes, the largest first"
      columns={COLUMNS}
      rows={rows}
      rowKey={([address]) => address}
      empty="Nobody has staked yet."
    />
  );
}
