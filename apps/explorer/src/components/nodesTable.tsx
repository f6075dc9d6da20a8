/** Nodes with what they have, and how they work. */

import { SlotState } from "@nosana-programs/client";
import type { Address } from "@solana/kit";

import { now } from "../data/chainClock.ts";
import { ledger } from "../data/ledger.ts";
import type { NodeBrief } from "../data/nodeBrief.ts";
import { groupDigits, memoryText, rateText } from "../format/amount.ts";
import { SLOT_WORDS } from "../format/words.ts";
import { reputationScore } from "../rules/reputation.ts";
import { PagedTable, type Column } from "./pagedTable.tsx";
import { AddressLink, Amount } from "./values.tsx";

type NodeRow = readonly [Address, NodeBrief];

const COLUMNS: Column<NodeRow>[] = [
  { title: "Node", cell: ([address]) => <AddressLink to="node" address={address} /> },
  { title: "Slots", cell: ([, node]) => slotsText(node) },
  {
    title: "GPU memory",
    isNumber: true,
    isExtra: true,
    cell: ([, { vramMib }]) => memoryText(vramMib),
  },
  {
    title: "Reputation",
    isNumber: true,
    cell: ([, node]) => rateText(reputationScore(nodeEvidence(node), now.value)),
  },
  {
    title: "Completed",
    isNumber: true,
    isExtra: true,
    cell: ([, { jobsCompleted }]) => groupDigits(jobsCompleted),
  },
  {
    title: "Failed",
    isNumber: true,
    isExtra: true,
    cell: ([, { jobsFailed, jobsRejected }]) => groupDigits(jobsFailed + jobsRejected),
  },
  {
    title: "Earned, NOS",
    isNumber: true,
    cell: ([, { earned }]) => <Amount value={earned} exact unit="" />,
  },
];

export function NodesTable() {
  const rows = [...ledger.nodes.entries()].sort(([, one], [, other]) => {
    if (one.earned !== other.earned) return one.earned < other.earned ? 1 : -1;
    return other.vramMib - one.vramMib;
  });
  return (
    <PagedTable
      caption="Nodes, by what they earned"
      columns={COLUMNS}
      rows={rows}
      rowKey={([address]) => address}
      pageSize={25}
      empty="No node is registered. Run one with `nosana node run`."
    />
  );
}

type ReputationFields = Pick<NodeBrief, "reputationGood" | "reputationBad" | "reputationAt">;

/** The part of a node's account that its reputation follows from. */
export function nodeEvidence(node: ReputationFields) {
  const { reputationGood: good, reputationBad: bad, reputationAt: at } = node;
  return { good, bad, at };
}

/** How many slots are in which state: `1 running, 3 free`. */
function slotsText({ slots, capacity, draining }: NodeBrief): string {
  const counts = new Map<SlotState, number>();
  for (const { state } of slots.slice(0, capacity)) counts.set(state, (counts.get(state) ?? 0) + 1);

  const parts = [...counts]
    .sort(([one], [other]) => Number(one === SlotState.Free) - Number(other === SlotState.Free))
    .map(([state, count]) => `${count} ${SLOT_WORDS[state].toLowerCase()}`);
  return draining === 0 ? parts.join(", ") : `${parts.join(", ")}; drains`;
}
