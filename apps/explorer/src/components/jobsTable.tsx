/** A list of jobs through their stages, the newest first. */

import { JobState, Reason } from "@nosana-programs/client";
import type { Address } from "@solana/kit";
import { useState } from "preact/hooks";

import { now } from "../data/chainClock.ts";
import type { JobBrief } from "../data/jobBrief.ts";
import { claims } from "../data/ledger.ts";
import { countStages, stageOf, STAGES, type Stage } from "../data/totals.ts";
import { groupDigits } from "../format/amount.ts";
import { KIND_WORDS, nameWords } from "../format/words.ts";
import { jobCost } from "../rules/settlement.ts";
import { PagedTable, type Column } from "./pagedTable.tsx";
import { AddressLink, Amount, Moment, StateBadge } from "./values.tsx";

type JobRow = readonly [Address, JobBrief];

const STAGE_TITLES: Record<Stage, string> = {
  queued: "Queued",
  matched: "Matched",
  running: "Running",
  submitted: "Submitted",
  disputed: "Disputed",
  settled: "Settled",
};

interface JobsTableProps {
  caption: string;
  jobs: readonly JobRow[];
  stage?: string | undefined;
  /** Leaves out the column of the market. */
  inMarket?: boolean;
  pageSize?: number;
  empty: string;
}

export function JobsTable({ caption, jobs, stage, inMarket, pageSize, empty }: JobsTableProps) {
  const [chosen, choose] = useState<Stage | undefined>(STAGES.find((each) => each === stage));
  const claimed = claims.value;
  const counts = countStages(jobs, claimed);

  const isShown = ([address, { state }]: JobRow) =>
    chosen === undefined || stageOf(state, claimed.has(address)) === chosen;
  const rows = newestFirst(jobs.filter(isShown));
  const columns = jobColumns(claimed).filter(({ title }) => !(inMarket && title === "Market"));

  return (
    <>
      <div class="stages" role="group" aria-label={`Stages of ${caption}`}>
        <StageButton
          title="All"
          count={jobs.length}
          isChosen={!chosen}
          onClick={() => choose(undefined)}
        />
        {STAGES.map((each) => (
          <StageButton
            key={each}
            title={STAGE_TITLES[each]}
            count={counts[each]}
            isChosen={chosen === each}
            onClick={() => choose(each)}
          />
        ))}
      </div>
      <PagedTable
        key={chosen ?? "all"}
        caption={caption}
        columns={columns}
        rows={rows}
        rowKey={([address]) => address}
        pageSize={pageSize ?? 12}
        empty={jobs.length === 0 ? empty : "No job is in this stage now."}
      />
    </>
  );
}

function StageButton(props: {
  title: string;
  count: number;
  isChosen: boolean;
  onClick: () => void;
}) {
  return (
    <button type="button" class="stage" aria-pressed={props.isChosen} onClick={props.onClick}>
      {props.title} <b>{groupDigits(props.count)}</b>
    </button>
  );
}

function jobColumns(claimed: ReadonlyMap<Address, unknown>): Column<JobRow>[] {
  return [
    { title: "Job", cell: ([address]) => <AddressLink to="job" address={address} /> },
    {
      title: "State",
      cell: ([address, { state, reason }]) => (
        <>
          <StateBadge state={state} reason={reason} isTaken={claimed.has(address)} />{" "}
          {reason > Reason.Completed && (
            <span class="fine extra">{nameWords(Reason[reason]).toLowerCase()}</span>
          )}
        </>
      ),
    },
    { title: "Kind", cell: ([, { kind }]) => KIND_WORDS[kind], isExtra: true },
    {
      title: "Market",
      cell: ([, { market }]) => <AddressLink to="market" address={market} />,
      isExtra: true,
    },
    {
      title: "Node",
      cell: ([, { node }]) => <AddressLink to="node" address={node} />,
      isExtra: true,
    },
    { title: "Listed", cell: ([, { listedAt }]) => <Moment at={listedAt} /> },
    {
      title: "Paid, NOS",
      isNumber: true,
      cell: ([, job]) => <PaidAmount job={job} />,
    },
  ];
}

/** What a job has cost; of one that runs, so far. */
function PaidAmount({ job }: { job: JobBrief }) {
  const moment = job.state === JobState.Running ? now.value : job.settledAt;
  const { split } = jobCost(job, moment);
  return <Amount value={split.node + split.network} exact unit="" />;
}

/** Sorts by the time of the listing. The times are read once each: there may be thousands. */
function newestFirst(jobs: readonly JobRow[]): JobRow[] {
  return jobs
    .map((row) => ({ row, at: Number(row[1].listedAt) }))
    .sort((one, other) => other.at - one.at || (one.row[0] < other.row[0] ? -1 : 1))
    .map(({ row }) => row);
}
