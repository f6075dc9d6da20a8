/** All nodes of the network. */

import { Card } from "../components/card.tsx";
import { NodesTable } from "../components/nodesTable.tsx";
import { PageHead } from "../components/pageHead.tsx";

export function NodesPage() {
  return (
    <>
      <PageHead title="Nodes" />
      <Card title="Registered nodes">
        <NodesTable />
      </Card>
    </>
  );
}
