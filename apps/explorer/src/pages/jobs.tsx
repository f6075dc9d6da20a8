/** All jobs of the network. */

import { Card } from "../components/card.tsx";
import { JobsTable } from "../components/jobsTable.tsx";
import { PageHead } from "../components/pageHead.tsx";
import { ledger } from "../data/ledger.ts";

export function JobsPage({ stage }: { stage: string | undefined }) {
  return (
    <>
      <PageHead title="Jobs" />
      <Card title="All jobs whose accounts are open">
        <JobsTable
          key={stage ?? "all"}
          caption="Jobs of all markets"
          jobs={[...ledger.jobs.entries()]}
          stage={stage}
          pageSize={25}
          empty="No job is listed. Post one with “Post a job”, or with `nosana job run`."
        />
      </Card>
    </>
  );
}
