/** The slots of a node. */

import { SlotState } from "@nosana-programs/client";
import type { Node, Slot } from "@nosana-programs/client/jobs";

import { now } from "../data/chainClock.ts";
import { SLOT_WORDS, type Tone } from "../format/words.ts";
import { PagedTable, type Column } from "./pagedTable.tsx";
import { AddressLink, Amount, Badge, Countdown, Moment } from "./values.tsx";

type SlotRow = Slot & { place: number };

const TONES: Record<SlotState, Tone> = {
  [SlotState.Free]: "quiet",
  [SlotState.Waiting]: "waiting",
  [SlotState.Claimed]: "waiting",
  [SlotState.Running]: "active",
  [SlotState.Resting]: "quiet",
};

const COLUMNS: Column<SlotRow>[] = [
  { title: "Slot", cell: ({ place }) => place },
  { title: "State", cell: (slot) => <SlotBadge slot={slot} /> },
  { title: "Job", cell: ({ job }) => <AddressLink to="job" address={job} /> },
  {
    title: "Market",
    cell: ({ market }) => <AddressLink to="market" address={market} />,
    isExtra: true,
  },
  { title: "Since", cell: (slot) => <Since slot={slot} /> },
  {
    title: "Collateral, NOS",
    isNumber: true,
    isExtra: true,
    cell: ({ collateral }) => <Amount value={collateral} exact unit="" />,
  },
];

export function SlotsTable({ node }: { node: Node }) {
  const rows = node.slots
    .slice(0, node.capacity)
    .map((slot, index) => ({ ...slot, place: index + 1 }));
  return (
    <PagedTable
      caption="Slots of this node"
      columns={COLUMNS}
      rows={rows}
      rowKey={({ place }) => String(place)}
      empty="The node has no slot."
    />
  );
}

/** A rest that is over leaves the slot free, although its bytes stay. */
function hasRested({ state, since }: Slot): boolean {
  return state === SlotState.Resting && now.value > since;
}

function SlotBadge({ slot }: { slot: Slot }) {
  const state = hasRested(slot) ? SlotState.Free : slot.state;
  return <Badge tone={TONES[state]}>{SLOT_WORDS[state]}</Badge>;
}

function Since({ slot }: { slot: Slot }) {
  if (slot.state === SlotState.Free || hasRested(slot)) return <>–</>;
  return slot.state === SlotState.Resting ? (
    <Countdown endsAt={slot.since} />
  ) : (
    <Moment at={slot.since} />
  );
}
