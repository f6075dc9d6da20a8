/** What waits in a market, the first at the top. */

import { Side } from "@nosana-programs/client/jobs";

import { ledger } from "../data/ledger.ts";
import type { CellBrief, QueueBrief } from "../data/queueBrief.ts";
import { hourlyPrice } from "../format/amount.ts";
import { Empty, Note } from "./notices.tsx";
import { PagedTable, type Column } from "./pagedTable.tsx";
import { AddressLink, Moment } from "./values.tsx";

export function QueueTable({ queue }: { queue: QueueBrief | undefined }) {
  if (!queue) return <Empty>The queue’s account cannot be read.</Empty>;
  const entries = queue.orderCells();
  if (!entries) return <Note tone="bad">The links of the queue are inconsistent.</Note>;

  return queue.side === Side.Nodes ? (
    <PagedTable
      caption="Waiting nodes, the first at the top"
      columns={NODE_COLUMNS}
      rows={entries}
      rowKey={({ cell }) => String(cell)}
      empty="Nothing waits."
    />
  ) : (
    <PagedTable
      caption="Waiting jobs, the first at the top"
      columns={JOB_COLUMNS}
      rows={entries}
      rowKey={({ cell }) => String(cell)}
      empty="Neither a job nor a node waits: the next node to ask waits here for a job."
    />
  );
}

const PLACE: Column<CellBrief> = {
  title: "Place",
  isNumber: true,
  cell: (_, index) => index + 1,
};

const JOB_COLUMNS: Column<CellBrief>[] = [
  PLACE,
  { title: "Job", cell: ({ address }) => <AddressLink to="job" address={address} /> },
  {
    title: "Pays, NOS an hour",
    isNumber: true,
    cell: ({ pricePerSecond }) => hourlyPrice(pricePerSecond),
  },
  {
    title: "Listed",
    cell: ({ address }) => <Moment at={ledger.jobs.get(address)?.listedAt ?? 0n} />,
  },
];

const NODE_COLUMNS: Column<CellBrief>[] = [
  PLACE,
  { title: "Node", cell: ({ address }) => <AddressLink to="node" address={address} /> },
  {
    title: "Accepts from, NOS an hour",
    isNumber: true,
    cell: ({ pricePerSecond }) => hourlyPrice(pricePerSecond),
  },
];
