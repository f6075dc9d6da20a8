/** A market: terms, queue, jobs and books. */

import { isAbout } from "@nosana-programs/client";
import type { Market } from "@nosana-programs/client/jobs";
import { isAddress, type Address } from "@solana/kit";

import { BarChart } from "../components/barChart.tsx";
import { BooksCard } from "../components/booksCard.tsx";
import { Card, Stat, Stats } from "../components/card.tsx";
import { EventList } from "../components/eventList.tsx";
import { JobsTable } from "../components/jobsTable.tsx";
import { queueText } from "../components/marketsTable.tsx";
import { Problem } from "../components/notices.tsx";
import { PageHead } from "../components/pageHead.tsx";
import { QueueTable } from "../components/queueTable.tsx";
import { TermsCard } from "../components/termsCard.tsx";
import { Amount, Badge } from "../components/values.tsx";
import { now } from "../data/chainClock.ts";
import { feed } from "../data/feed.ts";
import type { JobBrief } from "../data/jobBrief.ts";
import { claims, ledger } from "../data/ledger.ts";
import type { QueueBrief } from "../data/queueBrief.ts";
import { countStages, jobsByHour, paidLastDay } from "../data/totals.ts";
import { groupDigits, hourlyPrice } from "../format/amount.ts";

type JobRow = readonly [Address, JobBrief];

export function MarketPage({ id }: { id: string }) {
  const market = isAddress(id) ? ledger.markets.get(id) : undefined;
  if (!market || !isAddress(id)) {
    return (
      <Problem title="There is no market at this address">
        It was closed, or belongs to another network. <a href="#/">The network’s markets</a>
      </Problem>
    );
  }

  const queue = ledger.queues.get(market.queue);
  const jobs = [...ledger.jobs.entries()].filter(([, job]) => job.market === id);
  return (
    <>
      <PageHead
        title="Market"
        address={id}
        badges={market.retired !== 0 && <Badge tone="quiet">Retired</Badge>}
      >
        <p>
          <a class="button primary" href={`#/post/${id}`}>
            Post a job here
          </a>
        </p>
      </PageHead>
      <MarketStats market={market} queue={queue} jobs={jobs} />
      <div class="columns">
        <div>
          <Card title="Jobs">
            <JobsTable
              caption="Jobs of this market"
              jobs={jobs}
              inMarket
              empty="No job of this market is open. Post one to see it move through its stages."
            />
          </Card>
          <Card title="Queue, in its order">
            <QueueTable queue={queue} />
          </Card>
          <TermsCard market={market} />
        </div>
        <div>
          <BooksCard address={id} market={market} queue={queue} jobs={jobs} />
          <Card title="Jobs, last 24 hours">
            <MarketChart jobs={jobs} />
          </Card>
          <Card title="Events">
            <EventList
              entries={feed.value.filter(({ event }) => isAbout(event, id) || isOfJob(event, id))}
              limit={12}
              empty="No recent event names this market."
            />
          </Card>
        </div>
      </div>
    </>
  );
}

function MarketStats(props: {
  market: Market;
  queue: QueueBrief | undefined;
  jobs: readonly JobRow[];
}) {
  const { market, queue, jobs } = props;
  const stages = countStages(jobs, claims.value);
  const paid = paidLastDay(
    jobs.map(([, job]) => job),
    now.value,
  );
  return (
    <Stats>
      <Stat label="Price" value={hourlyPrice(market.terms.pricePerSecond)} hint="NOS an hour" />
      <Stat label="In the queue" value={queue ? queueText(queue) : "–"} />
      <Stat
        label="Running"
        value={groupDigits(stages.running)}
        hint={`${groupDigits(stages.matched)} matched`}
      />
      <Stat
        label="Listed so far"
        value={groupDigits(queue?.jobsListed ?? 0n)}
        hint={`${groupDigits(queue?.openJobs ?? 0n)} not settled yet`}
      />
      <Stat
        label="Paid to nodes, 24 h"
        value={<Amount value={paid.node} />}
        hint={
          <>
            and <Amount value={paid.network} /> of fees
          </>
        }
      />
    </Stats>
  );
}

function MarketChart({ jobs }: { jobs: readonly JobRow[] }) {
  const briefs = jobs.map(([, job]) => job);
  const { labels, listed, settled } = jobsByHour(briefs, now.value);
  return (
    <BarChart
      title="Jobs of this market by hour, UTC"
      labels={labels}
      series={[
        { name: "listed", style: "first", values: listed },
        { name: "settled", style: "second", values: settled },
      ]}
    />
  );
}

/** Most events of a job do not name its market. */
function isOfJob(event: { data: object }, market: Address): boolean {
  const { job } = event.data as { job?: Address };
  return job !== undefined && ledger.jobs.get(job)?.market === market;
}
