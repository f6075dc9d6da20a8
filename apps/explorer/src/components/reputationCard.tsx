/** A node's reputation: what it rests on, and how it fades. */

import type { Node } from "@nosana-programs/client/jobs";

import { now } from "../data/chainClock.ts";
import type { JobBrief } from "../data/jobBrief.ts";
import { rateText } from "../format/amount.ts";
import { DAY, fadeEvidence, reputationScore, type Evidence } from "../rules/reputation.ts";
import { jobEvidence, scoreHistory } from "../rules/reputationHistory.ts";
import { Card, Facts } from "./card.tsx";
import { nodeEvidence } from "./nodesTable.tsx";
import { ReputationChart } from "./reputationChart.tsx";
import { Amount } from "./values.tsx";

const OUTLOOK_DAYS = [30n, 60n, 90n];

export function ReputationCard({ node, jobs }: { node: Node; jobs: readonly JobBrief[] }) {
  const evidence = nodeEvidence(node);
  const { good, bad } = fadeEvidence(evidence, now.value);
  const score = reputationScore(evidence, now.value);

  return (
    <Card title="Reputation" aside={<b>{rateText(score)}</b>}>
      <meter
        min={0}
        max={10_000}
        low={4_000}
        high={6_000}
        optimum={10_000}
        value={Number(score)}
        aria-label={`Reputation ${rateText(score)}`}
      />
      <ReputationChart points={scoreHistory(evidence, settlementsOf(node, jobs))} />
      <Facts
        rows={[
          ["Work delivered, fading", <Amount value={good} />],
          ["Work promised, not delivered", <Amount value={bad} />],
          ...OUTLOOK_DAYS.map(
            (days) =>
              [
                `In ${days} days without work`,
                rateText(reputationScore(evidence, now.value + days * DAY)),
              ] as const,
          ),
        ]}
      />
      <p class="fine">
        Both fade by half in 30 days; 10 NOS on either side are added. The line shows the settled
        jobs whose accounts are open.
      </p>
    </Card>
  );
}

/** What the jobs of a node have added, as far as their accounts are open. */
function settlementsOf(node: Node, jobs: readonly JobBrief[]): Evidence[] {
  return jobs
    .map((job) => ({ ...jobEvidence(job, node), at: job.settledAt }))
    .filter(({ good, bad }) => good > 0n || bad > 0n);
}
