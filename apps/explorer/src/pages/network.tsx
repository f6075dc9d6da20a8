/** The network: totals, markets, jobs and events. */

import { BarChart } from "../components/barChart.tsx";
import { Card, Stat, Stats } from "../components/card.tsx";
import { DisputesTable } from "../components/disputesTable.tsx";
import { EventList } from "../components/eventList.tsx";
import { JobsTable } from "../components/jobsTable.tsx";
import { MarketsTable } from "../components/marketsTable.tsx";
import { PageHead } from "../components/pageHead.tsx";
import { Amount } from "../components/values.tsx";
import { now } from "../data/chainClock.ts";
import { feed } from "../data/feed.ts";
import { claims, ledger } from "../data/ledger.ts";
import { countStages, jobsByHour, nodeUse, paidLastDay } from "../data/totals.ts";
import { countText, groupDigits, memoryText } from "../format/amount.ts";

export function NetworkPage() {
  const jobs = [...ledger.jobs.entries()];
  const disputes = [...ledger.disputes.entries()];

  return (
    <>
      <PageHead title="Network" />
      <NetworkStats />
      <div class="columns">
        <div>
          <Card title="Markets">
            <MarketsTable />
          </Card>
          <Card title="Jobs, last 24 hours">
            <JobsChart />
          </Card>
          <Card title="Jobs" aside={<a href="#/jobs">All jobs</a>}>
            <JobsTable
              caption="Jobs"
              jobs={jobs}
              empty="No job is listed. Post one with “Post a job”, or with `nosana job run`."
            />
          </Card>
          {disputes.length > 0 && (
            <Card title="Disputes">
              <DisputesTable disputes={disputes} />
            </Card>
          )}
        </div>
        <Card title="Live events">
          <EventList
            entries={feed.value.filter(({ event }) => event.name !== "CollateralChanged")}
            limit={18}
            empty="Nothing has happened since this page was opened, and the node has no history."
          />
        </Card>
      </div>
    </>
  );
}

function NetworkStats() {
  const stages = countStages(ledger.jobs.entries(), claims.value);
  const use = nodeUse(ledger.nodes.values());
  const paid = paidLastDay(ledger.jobs.values(), now.value);

  return (
    <Stats>
      <Stat
        label="Running jobs"
        value={groupDigits(stages.running)}
        href="#/jobs/running"
        hint={`${groupDigits(stages.matched)} matched`}
      />
      <Stat
        label="Waiting jobs"
        value={groupDigits(stages.queued)}
        href="#/jobs/queued"
        hint={`${groupDigits(stages.submitted)} in the challenge window`}
      />
      <Stat
        label="Active nodes"
        value={groupDigits(use.active)}
        href="#/nodes"
        hint={`${groupDigits(use.working)} at work, ${groupDigits(use.all)} registered`}
      />
      <Stat
        label="GPU memory in use"
        value={memoryText(use.usedVramMib)}
        href="#/nodes"
        hint={`of ${memoryText(use.vramMib)} on active nodes`}
      />
      <Stat
        label="Paid to nodes, 24 h"
        value={<Amount value={paid.node} />}
        href="#/jobs/settled"
        hint={`for ${countText(paid.jobs, "settled job")} still on the chain`}
      />
      <Stat
        label="Fees for stakers, 24 h"
        value={<Amount value={paid.network} />}
        href="#/staking"
        hint="for the same jobs"
      />
    </Stats>
  );
}

function JobsChart() {
  const { labels, listed, settled } = jobsByHour(ledger.jobs.values(), now.value);
  return (
    <BarChart
      title="Jobs by hour, UTC"
      labels={labels}
      series={[
        { name: "listed", style: "first", values: listed },
        { name: "settled", style: "second", values: settled },
      ]}
    />
  );
}
