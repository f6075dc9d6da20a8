/**
 * An IPFS node without the public network, which runs as long as its standard input is open.
 *
 *     node node.js REPOSITORY [ADDRESS…]
 *
 * Keeps its blocks in the folder REPOSITORY and connects to the nodes at these addresses. Prints one line when it is
 * ready: the URL of its HTTP API, and its address for other nodes.
 */

import { multiaddr } from "@multiformats/multiaddr";
import { create } from "ipfs-core";
import { HttpApi } from "ipfs-http-server";

/** The longest start, in milliseconds, so that the parent process never waits forever. A start takes two seconds. */
const START_MS = 60_000;

const late = setTimeout(() => {
  console.error("the IPFS node did not start in time");
  process.exit(1);
}, START_MS);
// The input ends with the parent process, even if it was killed. The repository is the parent's.
process.stdin.on("end", () => process.exit(0)).resume();

const [repo, ...peers] = process.argv.slice(2);
const node = await create({
  repo,
  silent: true,
  init: { emptyRepo: true, algorithm: "Ed25519" },
  // Everything that would search for the public network is off. Port 0 is any free port.
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
