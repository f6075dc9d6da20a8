/** Forwards connections to a port, until they are cut. */

import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export class Relay {
  readonly #sockets = new Set<Socket>();
  readonly #server;
  #isOpen = true;

  constructor(port: number) {
    this.#server = createServer((incoming) => {
      if (!this.#isOpen) return void incoming.destroy();
      const outgoing = connect(port, "127.0.0.1");
      for (const socket of [incoming, outgoing]) {
        this.#sockets.add(socket);
        socket.on("error", () => {});
        socket.on("close", () => this.#sockets.delete(socket));
      }
      incoming.pipe(outgoing).pipe(incoming);
    });
  }

  /** Starts to listen; returns the port. */
  async open(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  /** The connections that are open. */
  get connections(): number {
    return this.#sockets.size / 2;
  }

  /** Cuts all connections, and refuses new ones until `restore`. */
  cut(): void {
    this.#isOpen = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Accepts connections again. */
  restore(): void {
    this.#isOpen = true;
  }

  /** Forwards nothing any more of what is open now, and closes nothing: a dead line. */
  stall(): void {
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}
