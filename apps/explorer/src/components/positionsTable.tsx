/** Positions in the reward pool, with what they may claim now. */

import type { Position } from "@nosana-programs/client/rewards";
import type { Address } from "@solana/kit";

import { ledger } from "../data/ledger.ts";
import { rateText } from "../format/amount.ts";
import { claimable, epochReward, type PoolState } from "../rules/rewards.ts";
import { PagedTable, type Column } from "./pagedTable.tsx";
import { AddressLink, Amount } from "./values.tsx";

type PositionRow = readonly [Address, Position];

export function PositionsTable({ pool }: { pool: PoolState }) {
  const rows = [...ledger.positions.entries()].sort(([, one], [, other]) =>
    one.weight === other.weight ? 0 : one.weight < other.weight ? 1 : -1,
  );
  return (
    <PagedTable
      caption="Positions, by their weight"
      columns={columnsOf(pool)}
      rows={rows}
      rowKey={([address]) => address}
      empty="Nobody has a position. Stake, and enter the pool, to earn the network’s fees."
    />
  );
}

function columnsOf(pool: PoolState): Column<PositionRow>[] {
  return [
    { title: "Owner", cell: ([, { owner }]) => <AddressLink to="address" address={owner} /> },
    {
      title: "Weight, xNOS",
      isNumber: true,
      cell: ([, { weight }]) => <Amount value={weight} unit="" />,
    },
    {
      title: "Share",
      isNumber: true,
      isExtra: true,
      cell: ([, { weight }]) =>
        pool.totalWeight === 0n ? "–" : rateText((weight * 10_000n) / pool.totalWeight),
    },
    {
      title: "To claim now, NOS",
      isNumber: true,
      cell: ([, position]) => <Amount value={claimable(pool, position)} exact unit="" />,
    },
    {
      title: "This epoch, NOS",
      isNumber: true,
      isExtra: true,
      cell: ([, { weight }]) => (
        <Amount value={epochReward(pool.stream, weight, pool.totalWeight)} exact unit="" />
      ),
    },
  ];
}
