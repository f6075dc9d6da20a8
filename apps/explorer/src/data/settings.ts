/** Which network and which content endpoint the page reads. */

import { signal } from "@preact/signals";

/** Where the page reads. */
export interface Settings {
  /** The JSON-RPC server. */
  url: string;
  /** Its websocket. */
  ws: string;
  /** The content endpoint, as a trustless IPFS gateway; undefined if there is none. */
  content: string | undefined;
}

/** The RPC server of `nosana localnet`. */
export const DEFAULT_URL = "http://127.0.0.1:8899";
const LOCAL_HOSTS = ["127.0.0.1", "localhost", "[::1]"];

export const settings = signal<Settings>(chooseSettings("", {}));

/** Reads `config.json`, if there is one, and the page's address, which has priority. */
export async function loadSettings(): Promise<void> {
  settings.value = chooseSettings(location.search, await readConfig());
}

/** Chooses the settings from the address's query, a configuration, and the defaults. */
export function chooseSettings(query: string, config: Record<string, unknown>): Settings {
  const asked = new URLSearchParams(query);
  const pick = (name: string) => checkUrl(asked.get(name) ?? config[name]);

  const url = pick("url") ?? DEFAULT_URL;
  const ownUrl = asked.get("url") === null ? pick("ws") : checkUrl(asked.get("ws"));
  return { url, ws: ownUrl ?? websocketOf(url), content: pick("content")?.replace(/\/+$/, "") };
}

/** The websocket of an RPC server: the next port if the address names one, else the same. */
export function websocketOf(url: string): string {
  const address = new URL(url);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  if (address.port !== "") address.port = String(Number(address.port) + 1);
  return address.href;
}

/** Whether the RPC server is on this machine, so that test keys are safe to use. */
export function isLocal(url: string): boolean {
  return LOCAL_HOSTS.includes(new URL(url).hostname);
}

/** Returns the address if it is one of HTTP or a websocket. */
function checkUrl(text: unknown): string | undefined {
  if (typeof text !== "string" || text === "") return undefined;
  const url = parseUrl(text);
  return url && /^(https?|wss?):$/.test(url.protocol) ? text : undefined;
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

async function readConfig(): Promise<Record<string, unknown>> {
  try {
    const response = await fetch("./config.json");
    const value: unknown = response.ok ? await response.json() : {};
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
