/**
 * An IPFS node on this machine alone, for as long as its standard input is open.
 *
 *     node node.js REPOSITORY [ADDRESS…]
 *
 * Keeps its blocks in the folder REPOSITORY and connects to the nodes at these addresses. Prints one line when it can be
 * used: where its HTTP API is, and the address at which other nodes find it.
 */

import { multiaddr } from "@multiformats/multiaddr";
import { create } from "ipfs-core";
import { HttpApi } from "ipfs-http-server";

/** Whoever waits for the line must not wait forever. Starting takes two seconds. */
const START_MS = 60_000;

const late = setTimeout(() => {
  console.error("the IPFS node did not start in time");
  process.exit(1);
}, START_MS);
// The end of the input is the end of whoever started this, even if that one was killed. The repository is theirs.
process.stdin.on("end", () => process.exit(0)).resume();

const [repo, ...peers] = process.argv.slice(2);
const node = await create({
  repo,
  silent: true,
  init: { emptyRepo: true, algorithm: "Ed25519" },
  // Everything that would look for the public network is off. Port 0 is any that is free.
  preload: { enabled: false },
  config: {
    Addresses: { API: "/ip4/127.0.0.1/tcp/0", Gateway: "", Swarm: ["/ip4/127.0.0.1/tcp/0"], Delegates: [] },
    Bootstrap: [],
    Discovery: { MDNS: { Enabled: false } },
    Pubsub: { Enabled: false },
    Routing: { Type: "none" },
    Swarm: { DisableNatPortMap: true },
  },
});
for (const peer of peers) await node.swarm.connect(multiaddr(peer));
const api = new HttpApi(node);
await api.start();
const { addresses } = await node.id();
clearTimeout(late);
console.log(`http://127.0.0.1:${api.apiAddr.toOptions().port} ${addresses[0]}`);
