/** The markets with their prices and what waits in them. */

import { JobState } from "@nosana-programs/client";
import { Side, type Market } from "@nosana-programs/client/jobs";
import type { Address } from "@solana/kit";

import { ledger } from "../data/ledger.ts";
import type { QueueBrief } from "../data/queueBrief.ts";
import { countText, groupDigits, hourlyPrice } from "../format/amount.ts";
import { PagedTable, type Column } from "./pagedTable.tsx";
import { AddressLink, Amount, Badge } from "./values.tsx";

interface MarketRow {
  address: Address;
  market: Market;
  queue: QueueBrief | undefined;
  running: number;
  escrow: bigint;
}

const COLUMNS: Column<MarketRow>[] = [
  {
    title: "Market",
    cell: ({ address, market }) => (
      <>
        <AddressLink to="market" address={address} />{" "}
        {market.retired !== 0 && <Badge tone="quiet">Retired</Badge>}
      </>
    ),
  },
  {
    title: "NOS an hour",
    isNumber: true,
    cell: ({ market }) => hourlyPrice(market.terms.pricePerSecond),
  },
  { title: "Queue", cell: ({ queue }) => (queue ? queueText(queue) : "–") },
  { title: "Running", isNumber: true, cell: ({ running }) => groupDigits(running) },
  {
    title: "Listed so far",
    isNumber: true,
    isExtra: true,
    cell: ({ queue }) => groupDigits(queue?.jobsListed ?? 0n),
  },
  {
    title: "In escrow, NOS",
    isNumber: true,
    isExtra: true,
    cell: ({ escrow }) => <Amount value={escrow} exact unit="" />,
  },
];

export function MarketsTable() {
  return (
    <PagedTable
      caption="Markets"
      columns={COLUMNS}
      rows={marketRows()}
      rowKey={({ address }) => address}
      empty="The network has no market. Open one with `nosana market open`."
    />
  );
}

/** What waits in a queue: `3 jobs`, `2 nodes`, or `empty`. */
export function queueText({ side, live }: Pick<QueueBrief, "side" | "live">): string {
  if (live === 0 || side === Side.Empty) return "empty";
  return countText(live, side === Side.Jobs ? "job" : "node");
}

function marketRows(): MarketRow[] {
  const rows = new Map<Address, MarketRow>();
  for (const [address, market] of ledger.markets.entries()) {
    const queue = ledger.queues.get(market.queue);
    rows.set(address, { address, market, queue, running: 0, escrow: 0n });
  }
  for (const { market, state, escrow } of ledger.jobs.values()) {
    const row = rows.get(market);
    if (!row || state === JobState.Settled) continue;
    row.escrow += escrow;
    if (state === JobState.Running) row.running += 1;
  }
  return [...rows.values()].sort((one, other) => other.running - one.running);
}
