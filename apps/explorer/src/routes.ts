/** Hash routes: `#/job/ADDRESS`. The path before the hash, and its query, stay as they are. */

import { signal } from "@preact/signals";

import { shortAddress } from "./format/amount.ts";
import { lineText } from "./format/text.ts";

/** Pages about one account or transaction. */
export type LinkTarget = "market" | "job" | "node" | "address" | "tx";

export type Route =
  | { page: "network" }
  | { page: "jobs"; stage: string | undefined }
  | { page: "nodes" }
  | { page: "staking" }
  | { page: "post"; market: string | undefined }
  | { page: LinkTarget; id: string }
  | { page: "unknown"; text: string };

export const route = signal<Route>({ page: "network" });

/** Parses the part of an address after the `#`. */
export function parseRoute(hash: string): Route {
  const [, page = "", id] = hash.replace(/^#/, "").split("/").map(decodePart);

  switch (page) {
    case "":
    case "network":
      return { page: "network" };
    case "jobs":
      return { page, stage: id };
    case "nodes":
    case "staking":
      return { page };
    case "post":
      return { page, market: id };
    case "market":
    case "job":
    case "node":
    case "address":
    case "tx":
      return id ? { page, id } : { page: "unknown", text: hash };
    default:
      return { page: "unknown", text: hash };
  }
}

/** Follows the address of the page. */
export function followRoutes(): void {
  const update = () => (route.value = parseRoute(location.hash));
  addEventListener("hashchange", update);
  update();
}

/** The title of a page; of one account or transaction, with its name. */
export function titleOf(route: Route): string {
  return "id" in route ? `${nameOf(route)} ${shortAddress(lineText(route.id))}` : nameOf(route);
}

function nameOf(route: Route): string {
  switch (route.page) {
    case "network":
      return "Network";
    case "jobs":
      return "Jobs";
    case "nodes":
      return "Nodes";
    case "staking":
      return "Staking and rewards";
    case "post":
      return "Post a job";
    case "tx":
      return "Transaction";
    case "market":
      return "Market";
    case "job":
      return "Job";
    case "node":
      return "Node";
    case "address":
      return "Address";
    case "unknown":
      return "Not found";
  }
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
