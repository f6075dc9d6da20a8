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
const HTTP = ["http:", "https:"];
const WEBSOCKET = ["ws:", "wss:"];
const LOCAL_HOSTS = ["127.0.0.1", "localhost", "[::1]"];

export const settings = signal<Settings>(chooseSettings("", {}));

/** Reads `config.json`, if there is one, and the page's address, which has priority. */
export async function loadSettings(): Promise<void> {
  settings.value = chooseSettings(location.search, await readConfig());
}

/** Chooses the settings from the address's query, a configuration, and the defaults. */
export function chooseSettings(query: string, config: Record<string, unknown>): Settings {
  const asked = new URLSearchParams(query);
  const pick = (name: string) => asked.get(name) ?? config[name];

  const url = checkUrl(pick("url"), HTTP) ?? DEFAULT_URL;
  const ws = checkUrl(asked.get("url") === null ? pick("ws") : asked.get("ws"), WEBSOCKET);
  const content = checkUrl(pick("content"), HTTP)?.replace(/\/+$/, "");
  return { url, ws: ws ?? websocketOf(url), content };
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

/** The server that an address names: without what may be a key, or pretend to be another server. */
export function hostOf(url: string): string {
  return new URL(url).host;
}

/** Returns the address if it is one of these protocols. */
function checkUrl(text: unknown, protocols: readonly string[]): string | undefined {
  if (typeof text !== "string" || text === "") return undefined;
  const url = parseUrl(text);
  return url && protocols.includes(url.protocol) ? text : undefined;
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
