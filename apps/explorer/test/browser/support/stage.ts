/** A local network with a node, the page that reads it, and a browser that shows the page. */

import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { chromium, type Browser, type Page } from "playwright-core";

import { Network, type NetworkInfo } from "../../../../../tests/typescript/src/network.ts";
import { ExplorerProcess } from "./explorerProcess.ts";
import { Relay } from "./relay.ts";
import { Site } from "./site.ts";

const run = promisify(execFile);
const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const BUILT = fileURLToPath(new URL("../../../../../target/debug/nosana", import.meta.url));
const NOSANA = process.env["NOSANA_BIN"] ?? BUILT;
const SCREENSHOTS = fileURLToPath(new URL("../../../screenshots/", import.meta.url));

const CLOCK = "SysvarC1ock11111111111111111111111111111111";
/** The unix timestamp in the account: slot, epoch's start, two epochs, then this. */
const TIMESTAMP_OFFSET = 32;

/** The node takes a job within seconds; a loaded machine takes longer. */
const WAIT_MS = 30_000;

export interface PageOptions {
  width?: number;
  isDark?: boolean;
}

export class Stage {
  readonly info: NetworkInfo;
  readonly relay: Relay;
  readonly site: Site;
  readonly browser: Browser;
  readonly keyFile: string;
  /** What the pages did against their policy, and errors that they did not handle. */
  readonly faults: string[] = [];
  readonly #network: Network | undefined;
  readonly #siteUrl: string;
  readonly #wsUrl: string;
  readonly #folder: string;

  private constructor(fields: {
    network: Network | undefined;
    info: NetworkInfo;
    relay: Relay;
    site: Site;
    browser: Browser;
    siteUrl: string;
    wsUrl: string;
    folder: string;
  }) {
    const { info, network, relay, site, browser } = fields;
    this.info = info;
    this.#network = network;
    this.relay = relay;
    this.site = site;
    this.browser = browser;
    this.#siteUrl = fields.siteUrl;
    this.#wsUrl = fields.wsUrl;
    this.#folder = fields.folder;
    this.keyFile = join(fields.folder, "client.json");
  }

  /** Starts a network, or uses the one whose `--info-file` is `NOSANA_INFO`. */
  static async start(): Promise<Stage> {
    const running = process.env["NOSANA_INFO"];
    const network = running === undefined ? await Network.start() : undefined;
    const info = network?.info ?? (await readInfo(running));
    const relay = new Relay(Number(new URL(info.ws_url).port));
    const site = new Site(info.store);
    const [port, siteUrl] = await Promise.all([relay.open(), site.open()]);

    const folder = await mkdtemp(join(tmpdir(), "nosana-explorer-"));
    const browser = await openBrowser();
    const wsUrl = `ws://127.0.0.1:${port}`;
    const stage = new Stage({ info, network, relay, site, browser, siteUrl, wsUrl, folder });
    await writeFile(stage.keyFile, JSON.stringify(info.wallets.client));
    return stage;
  }

  async stop(): Promise<void> {
    await this.browser.close();
    this.relay.close();
    this.site.close();
    await this.#network?.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Runs a command of `nosana` as the client; returns what it prints. */
  async nosana(...options: string[]): Promise<string> {
    const { stdout } = await run(NOSANA, options, { env: this.#environment });
    return stdout.trim();
  }

  /** Starts `nosana explorer` for this network and its store. */
  async startExplorer(): Promise<ExplorerProcess> {
    return await ExplorerProcess.start(NOSANA, this.#environment);
  }

  /** The variables by which commands of `nosana` use this network as the client. */
  get #environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      NOSANA_URL: this.info.rpc_url,
      NOSANA_KEYPAIR: this.keyFile,
      NOSANA_STORE: this.info.store,
    };
  }

  /** Makes a wallet with SOL and so many NOS; returns its key file. */
  async makeWallet(nos: number): Promise<string> {
    const keyFile = join(this.#folder, `${randomUUID()}.json`);
    const printed = await this.nosana("wallet", "new", keyFile);
    const address = printed.split("\n")[0] ?? "";
    await this.nosana("wallet", "airdrop", "1", "--keypair", keyFile);
    await this.nosana("wallet", "send", address, "--nos", String(nos), "--yes");
    return keyFile;
  }

  /** Lists a job that runs a command; returns its address. */
  async listJob(command: string): Promise<string> {
    const printed = await this.nosana("job", "run", "--yes", "--timeout", "120", "--", command);
    return printed.split("\n").at(-1) ?? "";
  }

  /** Moves the network's clock forward. */
  async advanceSeconds(seconds: number): Promise<void> {
    const account = (await this.#call("getAccountInfo", [CLOCK, { encoding: "base64" }])) as {
      value: { data: [string, string] };
    };
    const clock = Buffer.from(account.value.data[0], "base64");
    const later = Number(clock.readBigInt64LE(TIMESTAMP_OFFSET)) + seconds;
    await this.#call("surfnet_timeTravel", [{ absoluteTimestamp: later * 1_000 }]);
  }

  /** Opens a page at a hash route, and waits until it is live. */
  async open(hash: string, options: PageOptions = {}): Promise<Page> {
    const query = new URLSearchParams({
      url: this.info.rpc_url,
      ws: this.#wsUrl,
      content: this.#siteUrl,
    });
    const page = await this.openAt(`${this.#siteUrl}/?${query.toString()}${hash}`, options);
    await page.getByRole("button", { name: /^Live/ }).waitFor();
    return page;
  }

  /** Opens any address of the site. */
  async openAt(address: string, { width = 1280, isDark = false }: PageOptions = {}): Promise<Page> {
    const page = await this.browser.newPage({
      viewport: { width, height: 900 },
      colorScheme: isDark ? "dark" : "light",
    });
    page.setDefaultTimeout(WAIT_MS);
    page.on("pageerror", (error) => this.faults.push(`${page.url()}: ${error.stack ?? error}`));
    page.on("console", (message) => {
      if (/Content Security Policy/.test(message.text())) this.faults.push(message.text());
    });
    // The loader of these tests gives functions their names by this; pages do not have it.
    await page.addInitScript("globalThis.__name = (value) => value");
    await page.goto(address);
    return page;
  }

  get siteUrl(): string {
    return this.#siteUrl;
  }

  /** Calls a method of the network's RPC server. */
  async #call(method: string, params: unknown[]): Promise<unknown> {
    const response = await fetch(this.info.rpc_url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const { result, error } = (await response.json()) as { result?: unknown; error?: unknown };
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  }

  /** Keeps a picture of a page, for people. */
  async keepPicture(page: Page, name: string): Promise<void> {
    await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
  }
}

export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
}

async function readInfo(path = ""): Promise<NetworkInfo> {
  return JSON.parse(await readFile(path, "utf8")) as NetworkInfo;
}
