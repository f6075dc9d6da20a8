/** Emission streams, which become income of the pool over time. */

import type { Stream } from "@nosana-programs/client/rewards";
import type { Address } from "@solana/kit";

import { now } from "../data/chainClock.ts";
import { ledger } from "../data/ledger.ts";
import { momentText } from "../format/time.ts";
import { dueOfStream } from "../rules/rewards.ts";
import { PagedTable, type Column } from "./pagedTable.tsx";
import { AddressLink, Amount } from "./values.tsx";

type StreamRow = readonly [Address, Stream];

const COLUMNS: Column<StreamRow>[] = [
  { title: "Stream", cell: ([address]) => <AddressLink to="address" address={address} /> },
  {
    title: "Amount, NOS",
    isNumber: true,
    cell: ([, { amount }]) => <Amount value={amount} unit="" />,
  },
  {
    title: "Due, not dripped",
    isNumber: true,
    cell: ([, stream]) => (
      <Amount value={dueOfStream(stream, now.value) - stream.dripped} exact unit="" />
    ),
  },
  {
    title: "Dripped",
    isNumber: true,
    isExtra: true,
    cell: ([, { dripped }]) => <Amount value={dripped} exact unit="" />,
  },
  { title: "Ends", cell: ([, { end }]) => momentText(end).slice(0, 10), isExtra: true },
];

export function StreamsTable() {
  return (
    <PagedTable
      caption="Emission streams"
      columns={COLUMNS}
      rows={[...ledger.streams.entries()]}
      rowKey={([address]) => address}
      empty="No stream is open: stakers earn the network’s fees."
    />
  );
}
