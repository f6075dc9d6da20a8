/** A job: its stages, payments, clocks, content, and every transaction. */

import { JobState, NO_ADDRESS, ReturnCause } from "@nosana-programs/client";
import type { Job, JobSettledEvent } from "@nosana-programs/client/jobs";
import { isAddress, type Address } from "@solana/kit";

import { Card, Facts } from "../components/card.tsx";
import { ClocksCard, RightsCard } from "../components/clocksCard.tsx";
import { ContentCard } from "../components/contentCard.tsx";
import { DisputeCard } from "../components/disputeCard.tsx";
import { JobActions } from "../components/jobActions.tsx";
import { MoneyCard } from "../components/moneyCard.tsx";
import { Problem } from "../components/notices.tsx";
import { PageHead } from "../components/pageHead.tsx";
import { StageTrack } from "../components/stageTrack.tsx";
import { Timeline } from "../components/timeline.tsx";
import { AddressLink, Badge, Moment, StateBadge } from "../components/values.tsx";
import { claims, fullJob, ledger } from "../data/ledger.ts";
import { useHistory, type AddressHistory } from "../data/useHistory.ts";
import { rateText } from "../format/amount.ts";
import { lineText } from "../format/text.ts";
import { durationText } from "../format/time.ts";
import { CAUSE_WORDS, KIND_WORDS, REASON_WORDS, STATE_WORDS } from "../format/words.ts";

export function JobPage({ id }: { id: string }) {
  if (!isAddress(id)) {
    return (
      <Problem title="This is not an address">
        <bdi class="mono">{lineText(id)}</bdi> is not an address of an account.{" "}
        <a href="#/jobs">All jobs</a>
      </Problem>
    );
  }
  return <KnownJob key={id} address={id} />;
}

function KnownJob({ address }: { address: Address }) {
  const history = useHistory(address);
  const job = fullJob(address);
  if (!job) return <ClosedJob address={address} history={history} />;

  const claim = claims.value.get(address);
  const settled = job.state === JobState.Settled ? findSettlement(history, address) : undefined;
  const disputes = [...ledger.disputes.entries()].filter(([, each]) => each.job === address);
  return (
    <>
      <PageHead
        title="Job"
        address={address}
        badges={<StateBadge state={job.state} reason={job.reason} isTaken={claim !== undefined} />}
      >
        {job.state === JobState.Settled && <p class="lead">{REASON_WORDS[job.reason]}</p>}
        <JobActions address={address} job={job} isClaimed={claim !== undefined} />
      </PageHead>
      <span class="hidden" role="status">
        The job’s state is {STATE_WORDS[job.state].toLowerCase()}.
      </span>
      <StageTrack job={job} takenAt={claim?.since} />
      <div class="columns">
        <div>
          <MoneyCard job={job} settled={settled} />
          <ContentCard job={job} />
          <Card title="Transactions">
            <Timeline address={address} history={history} />
          </Card>
        </div>
        <div>
          <ClocksCard job={job} takenAt={claim?.since} />
          <RightsCard job={job} takenAt={claim?.since} />
          {disputes.map(([dispute, data]) => (
            <DisputeCard key={dispute} address={dispute} dispute={data} />
          ))}
          <Card title="Job">
            <JobFacts job={job} claimedBy={claim?.node.authority} />
          </Card>
        </div>
      </div>
    </>
  );
}

function JobFacts({ job, claimedBy }: { job: Job; claimedBy: Address | undefined }) {
  return (
    <Facts
      rows={[
        ["Kind", KIND_WORDS[job.kind]],
        ["Market", <AddressLink to="market" address={job.market} />],
        ["Node", <AddressLink to="node" address={job.node} />],
        claimedBy !== undefined && ["Claimed by", <AddressLink to="address" address={claimedBy} />],
        ["Client", <AddressLink to="address" address={job.client} />],
        job.payer !== job.client && ["Payer", <AddressLink to="address" address={job.payer} />],
        ["Timeout", durationText(job.timeoutSeconds)],
        ["Progress", rateText(job.progressBps)],
        ["Attempts", `${job.attempts} of ${job.maxAttempts} more, ${job.refusals} refusals`],
        job.returnCause !== ReturnCause.None && ["Last returned", CAUSE_WORDS[job.returnCause]],
        job.accessCollection !== NO_ADDRESS && [
          "Access",
          <AddressLink to="address" address={job.accessCollection} />,
        ],
        ["Listed", <Moment at={job.listedAt} />],
        ["Started", <Moment at={job.startedAt} />],
        ["Last heartbeat", <Moment at={job.heartbeatAt} />],
        ["Result", <Moment at={job.submittedAt} />],
        ["Settled", <Moment at={job.settledAt} />],
      ]}
    />
  );
}

/** A job whose account was closed lives on in its transactions only. */
function ClosedJob({ address, history }: { address: Address; history: AddressHistory }) {
  if (history.state === "complete" && history.listed === 0) {
    return (
      <Problem title="There is no job at this address">
        The network knows no transaction of it. Check the address and the connection, or{" "}
        <a href="#/jobs">look at all jobs</a>.
      </Problem>
    );
  }
  return (
    <>
      <PageHead title="Job" address={address} badges={<Badge tone="quiet">Closed</Badge>}>
        <p class="lead">
          Its account was closed after its retention. What it did is in its transactions.
        </p>
      </PageHead>
      <Card title="Transactions">
        <Timeline address={address} history={history} />
      </Card>
    </>
  );
}

function findSettlement(history: AddressHistory, job: Address): JobSettledEvent | undefined {
  for (const { events } of history.transactions) {
    for (const event of events) {
      if (event.name === "JobSettled" && event.data.job === job) return event.data;
    }
  }
  return undefined;
}
