/** A node: hardware, slots, reputation, earnings and its stake. */

import { toContentId } from "@nosana-programs/client";
import type { Node } from "@nosana-programs/client/jobs";
import { isAddress, type Address } from "@solana/kit";

import { Card, Facts, Stat, Stats } from "../components/card.tsx";
import { EarningsChart } from "../components/earningsChart.tsx";
import { JobsTable } from "../components/jobsTable.tsx";
import { nodeEvidence } from "../components/nodesTable.tsx";
import { Problem } from "../components/notices.tsx";
import { PageHead } from "../components/pageHead.tsx";
import { ReliabilityCard } from "../components/reliabilityCard.tsx";
import { ReputationCard } from "../components/reputationCard.tsx";
import { SlotsTable } from "../components/slotsTable.tsx";
import { StakeCard } from "../components/stakeCard.tsx";
import { Timeline } from "../components/timeline.tsx";
import { AddressLink, Amount, Badge, Moment } from "../components/values.tsx";
import { now } from "../data/chainClock.ts";
import { fullNode, ledger } from "../data/ledger.ts";
import { useHistory } from "../data/useHistory.ts";
import { groupDigits, memoryText, rateText } from "../format/amount.ts";
import { capabilityWords } from "../format/words.ts";
import { reputationScore } from "../rules/reputation.ts";

export function NodePage({ id }: { id: string }) {
  const node = isAddress(id) ? fullNode(id) : undefined;
  if (!node || !isAddress(id)) {
    return (
      <Problem title="There is no node at this address">
        It may be the wallet of a node: <a href={`#/address/${id}`}>its roles</a>, or{" "}
        <a href="#/nodes">all nodes</a>.
      </Problem>
    );
  }
  return <KnownNode address={id} node={node} />;
}

function KnownNode({ address, node }: { address: Address; node: Node }) {
  const history = useHistory(address);
  const jobs = [...ledger.jobs.entries()].filter(([, job]) => job.node === address);
  return (
    <>
      <PageHead
        title="Node"
        address={address}
        badges={node.draining !== 0 && <Badge tone="waiting">Drains</Badge>}
      />
      <NodeStats node={node} />
      <div class="columns">
        <div>
          <Card title="Slots">
            <SlotsTable node={node} />
          </Card>
          <Card title="Earned, last 24 hours">
            <EarningsChart jobs={jobs.map(([, job]) => job)} />
          </Card>
          <Card title="Jobs">
            <JobsTable
              caption="Jobs of this node whose accounts are open"
              jobs={jobs}
              empty="No open job names this node."
            />
          </Card>
          <Card title="Transactions">
            <Timeline address={address} history={history} />
          </Card>
        </div>
        <div>
          <Card title="Hardware, as the node reports it">
            <Hardware node={node} />
          </Card>
          <ReputationCard node={node} jobs={jobs.map(([, job]) => job)} />
          <ReliabilityCard history={history} />
          <StakeCard owner={node.authority} />
        </div>
      </div>
    </>
  );
}

function NodeStats({ node }: { node: Node }) {
  const score = reputationScore(nodeEvidence(node), now.value);
  return (
    <Stats>
      <Stat label="Earned" value={<Amount value={node.earned} />} hint="since it registered" />
      <Stat label="Reputation" value={rateText(score)} hint="a new node has 50 %" />
      <Stat label="Completed" value={groupDigits(node.jobsCompleted)} hint="paid results" />
      <Stat
        label="Failed"
        value={groupDigits(node.jobsFailed)}
        hint={`${groupDigits(node.jobsRejected)} results rejected or found wrong`}
      />
      <Stat
        label="Panels"
        value={groupDigits(node.panelsRight)}
        hint={`paid; ${groupDigits(node.panelsOverruled)} overruled`}
      />
    </Stats>
  );
}

function Hardware({ node }: { node: Node }) {
  const abilities = capabilityWords(node.capabilities);
  return (
    <Facts
      rows={[
        ["GPU memory", node.vramMib === 0 ? "none" : memoryText(node.vramMib)],
        ["Speed", `${groupDigits(node.promptTokensPerSecond)} prompt tokens a second`],
        ["Memory for a job", node.memoryMib === 0 ? "not reported" : memoryText(node.memoryMib)],
        ["Runs", abilities.length === 0 ? "inference" : `inference, ${abilities.join(", ")}`],
        ["Slots", groupDigits(node.capacity)],
        ["Benchmark", <span class="mono cid">{toContentId(node.hardware)}</span>],
        ["Wallet", <AddressLink to="address" address={node.authority} />],
        ["Is paid to", <AddressLink to="address" address={node.payout} />],
        node.panelSince > 0n && ["Takes seats of panels", <Moment at={node.panelSince} />],
      ]}
    />
  );
}
