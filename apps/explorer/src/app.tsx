/** The frame of every page. */

import { useEffect, useRef } from "preact/hooks";

import { Header } from "./components/header.tsx";
import { ErrorBoundary } from "./components/errorBoundary.tsx";
import { Problem } from "./components/notices.tsx";
import { isLoaded, status } from "./data/sync.ts";
import { hostOf, settings } from "./data/settings.ts";
import { AddressPage } from "./pages/address.tsx";
import { JobPage } from "./pages/job.tsx";
import { JobsPage } from "./pages/jobs.tsx";
import { MarketPage } from "./pages/market.tsx";
import { NetworkPage } from "./pages/network.tsx";
import { NodePage } from "./pages/node.tsx";
import { NodesPage } from "./pages/nodes.tsx";
import { PostPage } from "./pages/post.tsx";
import { StakingPage } from "./pages/staking.tsx";
import { TransactionPage } from "./pages/transaction.tsx";
import { lineText } from "./format/text.ts";
import { route, titleOf, type Route } from "./routes.ts";

export function App() {
  const main = useRef<HTMLElement>(null);
  const current = route.value;
  const key = JSON.stringify(current);
  const isFirst = useRef(true);

  useEffect(() => {
    document.title = `${titleOf(current)} – Nosana explorer`;
    // The first page leaves the focus where the browser put it.
    if (!isFirst.current) main.current?.focus({ preventScroll: true });
    if (!isFirst.current) scrollTo(0, 0);
    isFirst.current = false;
  }, [key]);

  return (
    <>
      <a class="skip" href="#main" onClick={(event) => skip(event, main.current)}>
        Skip to the content
      </a>
      <Header />
      <main id="main" ref={main} tabIndex={-1}>
        <ErrorBoundary key={key}>
          {isLoaded.value ? choosePage(current) : <Loading />}
        </ErrorBoundary>
      </main>
      <Sources />
    </>
  );
}

function choosePage(current: Route) {
  switch (current.page) {
    case "network":
      return <NetworkPage />;
    case "jobs":
      return <JobsPage stage={current.stage} />;
    case "nodes":
      return <NodesPage />;
    case "staking":
      return <StakingPage />;
    case "post":
      return <PostPage market={current.market} />;
    case "market":
      return <MarketPage id={current.id} />;
    case "job":
      return <JobPage id={current.id} />;
    case "node":
      return <NodePage id={current.id} />;
    case "address":
      return <AddressPage id={current.id} />;
    case "tx":
      return <TransactionPage id={current.id} />;
    case "unknown":
      return (
        <Problem title="There is no such page">
          Nothing is at <bdi class="mono">{lineText(current.text)}</bdi>.{" "}
          <a href="#/">Go to the network</a>.
        </Problem>
      );
  }
}

/** Where the page reads, and in which units it writes. */
function Sources() {
  const { url, content } = settings.value;
  return (
    <footer>
      Read directly from <span class="mono">{hostOf(url)}</span>
      {content !== undefined && (
        <>
          , files from <span class="mono">{hostOf(content)}</span>
        </>
      )}
      . Amounts are in NOS; times are the chain’s, in UTC.
    </footer>
  );
}

/** Until the first snapshot: what the page waits for, and what to do if it does not come. */
function Loading() {
  const known = status.value;
  if (known.kind !== "broken") {
    return (
      <p class="loading" role="status">
        Reading the accounts of the programs…
      </p>
    );
  }
  return (
    <Problem title="The network does not answer">
      <p>
        The page cannot read <span class="mono">{hostOf(settings.value.url)}</span>:{" "}
        {lineText(known.why, 1_000)}
      </p>
      <p>
        Start a local network with <code>nosana localnet</code>, or choose another one with{" "}
        <b>Connection</b> above. The page tries again by itself.
      </p>
    </Problem>
  );
}

/** The hash belongs to the routes, so the link moves the focus itself. */
function skip(event: Event, main: HTMLElement | null): void {
  event.preventDefault();
  main?.focus();
}
