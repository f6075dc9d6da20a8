/** How a node has worked lately, by its transactions. */

import type { AddressHistory } from "../data/useHistory.ts";
import { countText, groupDigits } from "../format/amount.ts";
import { Card, Facts } from "./card.tsx";

/** What to count, and the instruction that shows it. */
const COUNTED: readonly (readonly [string, string])[] = [
  ["Took a job, or waited for one", "work"],
  ["Started", "start"],
  ["Finished", "finish"],
  ["Gave a job back", "quit"],
  ["Did not start in time", "expire_match"],
  ["Lost a run", "expire_run"],
];

export function ReliabilityCard({ history }: { history: AddressHistory }) {
  const succeeded = history.transactions.filter(({ hasFailed }) => !hasFailed);
  const names = succeeded.flatMap(({ instructions }) => instructions.map(({ name }) => name));

  return (
    <Card title="Lately">
      <Facts
        rows={COUNTED.map(([title, instruction]) => {
          const count = names.filter((name) => name === instruction).length;
          return [title, groupDigits(count)] as const;
        })}
      />
      <p class="fine">
        Counted in {groupDigits(succeeded.length)} of {countText(history.listed, "transaction")}.
      </p>
    </Card>
  );
}
