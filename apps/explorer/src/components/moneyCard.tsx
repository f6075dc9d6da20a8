/** Where a job's deposit goes, to the base unit, and whether the parts add up. */

import { JobState, Reason } from "@nosana-programs/client";
import type { Job, JobSettledEvent } from "@nosana-programs/client/jobs";

import { now } from "../data/chainClock.ts";
import { amountText, exactText, groupDigits, rateText } from "../format/amount.ts";
import { durationText } from "../format/time.ts";
import { jobCost } from "../rules/settlement.ts";
import { Card } from "./card.tsx";
import { Badge } from "./values.tsx";

export function MoneyCard({ job, settled }: { job: Job; settled: JobSettledEvent | undefined }) {
  const cost = jobCost(job, job.state === JobState.Running ? now.value : job.settledAt);
  // The event has what was paid; a dispute and a rejection with requeue pay by other rules.
  const split = settled
    ? { node: settled.nodeAmount, payer: settled.payerAmount, network: settled.networkAmount }
    : cost.split;
  const paidSeconds = settled?.paidSeconds ?? cost.paidSeconds;
  const sum = split.node + split.network + split.payer;
  const held = cost.isFinal ? cost.deposit : job.escrow - job.budget;
  // A dispute pays by other rules; a budget that was left over comes on top of the deposit.
  const isDisputed = job.reason === Reason.ResultWrong || job.state === JobState.Challenged;

  return (
    <Card title="Payments" aside={!isDisputed && <Verdict sum={sum} held={held} />}>
      <p class="fine">
        {amountText(job.pricePerSecond)} NOS a second for {groupDigits(paidSeconds)} s; at most{" "}
        {durationText(job.timeoutSeconds)}, and a fee of {rateText(job.networkFeeBps)}.{" "}
        {!cost.isFinal && "This is what ending the job now would pay."}
      </p>
      <SplitBar parts={[split.node, split.network, split.payer]} />
      <table class="books">
        <caption>{cost.isFinal ? "Paid" : "If it ended now"}, in NOS</caption>
        <tbody>
          <Line style="node" name="To the node" amount={split.node} />
          <Line style="network" name="Fee, to the stakers" amount={split.network} />
          <Line style="payer" name="Back to the payer" amount={split.payer} />
          <Line name="Sum" amount={sum} isSum />
          {!cost.isFinal && <Line name="In escrow for it" amount={held} isSum />}
          {cost.isFinal && <Line name="Deposit for the timeout" amount={cost.deposit} isSum />}
          {job.budget > 0n && <Line name="Budget for extensions" amount={job.budget} />}
          {job.nodeCredit > 0n && (
            <Line name="Of it, still owed to the node" amount={job.nodeCredit} />
          )}
          {job.payerCredit > 0n && (
            <Line name="Of it, still owed to the payer" amount={job.payerCredit} />
          )}
        </tbody>
      </table>
    </Card>
  );
}

function Line(props: { name: string; amount: bigint; style?: string; isSum?: boolean }) {
  return (
    <tr class={props.isSum ? "sum" : undefined}>
      <th scope="row">
        {props.style && <span class={`swatch ${props.style}`} aria-hidden="true" />}
        {props.name}
      </th>
      <td class="number" data-amount={props.name}>
        {exactText(props.amount)}
      </td>
    </tr>
  );
}

function Verdict({ sum, held }: { sum: bigint; held: bigint }) {
  if (sum === held) return <Badge tone="good">Adds up</Badge>;
  if (sum > held)
    return <Badge tone="good">Adds up, with a budget of {exactText(sum - held)}</Badge>;
  return <Badge tone="bad">{exactText(held - sum)} missing</Badge>;
}

const STYLES = ["node", "network", "payer"] as const;

/** The parts as lengths. The table below has the numbers. */
function SplitBar({ parts }: { parts: readonly bigint[] }) {
  const sum = parts.reduce((one, other) => one + other, 0n);
  if (sum === 0n) return null;
  let x = 0;
  return (
    <svg class="split" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
      {parts.map((part, index) => {
        const width = Number((part * 100_000n) / sum) / 100;
        const from = x;
        x += width;
        return <rect key={index} class={STYLES[index]} x={from} y="0" width={width} height="10" />;
      })}
    </svg>
  );
}
