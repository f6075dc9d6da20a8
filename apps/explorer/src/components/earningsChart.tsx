/** What a node earned in each of the last 24 hours, by the jobs whose accounts are open. */

import type { JobBrief } from "../data/jobBrief.ts";
import { now } from "../data/chainClock.ts";
import { earnedByHour } from "../data/totals.ts";
import { amountText } from "../format/amount.ts";
import { BarChart } from "./barChart.tsx";

export function EarningsChart({ jobs }: { jobs: readonly JobBrief[] }) {
  const { labels, earned } = earnedByHour(jobs, now.value);
  // The bars have the height of a number; what is written is exact.
  const series = {
    name: "NOS earned",
    style: "second",
    values: earned.map(Number),
    texts: earned.map(amountText),
  } as const;
  return (
    <BarChart
      title="NOS earned by hour, UTC"
      labels={labels}
      series={[series]}
      format={(baseUnits) => amountText(BigInt(Math.round(baseUnits)))}
    />
  );
}
