/** Disputes about results. */

import { DisputePhase, type Dispute } from "@nosana-programs/client/jobs";
import type { Address } from "@solana/kit";

import { OUTCOME_WORDS, PHASE_WORDS } from "../format/words.ts";
import { PagedTable, type Column } from "./pagedTable.tsx";
import { AddressLink, Amount, Countdown } from "./values.tsx";

type DisputeRow = readonly [Address, Dispute];

const COLUMNS: Column<DisputeRow>[] = [
  { title: "Job", cell: ([, { job }]) => <AddressLink to="job" address={job} /> },
  { title: "Phase", cell: ([, { phase }]) => PHASE_WORDS[phase] },
  {
    title: "Ends",
    cell: ([, { phase, endsAt }]) =>
      phase >= DisputePhase.Over ? "–" : <Countdown endsAt={endsAt} />,
  },
  { title: "Seats", isNumber: true, cell: ([, { seatsTaken }]) => `${seatsTaken} of 3` },
  { title: "Outcome", cell: ([, { outcome }]) => OUTCOME_WORDS[outcome] },
  {
    title: "Bond",
    isNumber: true,
    isExtra: true,
    cell: ([, { panelFee }]) => <Amount value={4n * panelFee} />,
  },
];

export function DisputesTable({ disputes }: { disputes: readonly DisputeRow[] }) {
  return (
    <PagedTable
      caption="Disputes"
      columns={COLUMNS}
      rows={disputes}
      rowKey={([address]) => address}
      empty="No result is disputed."
    />
  );
}
