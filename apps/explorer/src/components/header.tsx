/** The head of every page: where one is, where the data come from, and the search. */

import { useState } from "preact/hooks";

import { findRoute } from "../data/search.ts";
import { route, type Route } from "../routes.ts";
import { ConnectionStatus } from "./connectionStatus.tsx";
import { WalletButton } from "./walletButton.tsx";

const PAGES = [
  { page: "network", href: "#/", title: "Network" },
  { page: "jobs", href: "#/jobs", title: "Jobs" },
  { page: "nodes", href: "#/nodes", title: "Nodes" },
  { page: "staking", href: "#/staking", title: "Staking" },
  { page: "post", href: "#/post", title: "Post a job" },
] as const;

export function Header() {
  const current = sectionOf(route.value.page);
  return (
    <header class="top">
      <div class="bar">
        <a class="brand" href="#/">
          <img src="./icon.svg" alt="" width="22" height="22" />
          Nosana explorer
        </a>
        <Search />
        <ConnectionStatus />
        <WalletButton />
      </div>
      <nav aria-label="Pages">
        {PAGES.map(({ page, href, title }) => (
          <a key={page} href={href} aria-current={page === current ? "page" : undefined}>
            {title}
          </a>
        ))}
      </nav>
    </header>
  );
}

/** The page of the navigation to which a page belongs. */
function sectionOf(page: Route["page"]): string {
  switch (page) {
    case "market":
      return "network";
    case "job":
      return "jobs";
    case "node":
      return "nodes";
    default:
      return page;
  }
}

function Search() {
  const [problem, setProblem] = useState<string | undefined>(undefined);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const typed = new FormData(form).get("q");
    const found = typeof typed === "string" ? findRoute(typed) : undefined;
    if (found) {
      location.hash = found;
      form.reset();
    }
    setProblem(found ? undefined : "Not an address, a signature, or a CID of a listed job");
  };

  return (
    <form class="search" role="search" onSubmit={submit}>
      <input
        name="q"
        type="search"
        autocomplete="off"
        spellcheck={false}
        aria-label="Search for an address, a signature, or a CID"
        placeholder="Address, signature, or CID"
        aria-invalid={problem !== undefined}
        aria-describedby={problem ? "search-problem" : undefined}
        onInput={() => setProblem(undefined)}
      />
      <button type="submit">Search</button>
      {problem && (
        <p id="search-problem" class="search-problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}
