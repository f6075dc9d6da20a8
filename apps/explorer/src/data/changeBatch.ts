/** Changes of accounts, shown together. */

import { applyChanges, type AccountChange } from "./ledger.ts";

/** Changes are shown together so long after the first one: with 10,000 jobs, a page takes 80 ms. */
const BATCH_MS = 250;

/** Collects changes until it is opened, and then passes them on in batches. */
export class ChangeBatch {
  #waiting: AccountChange[] = [];
  #isOpen = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  add(change: AccountChange): void {
    this.#waiting.push(change);
    if (this.#isOpen) this.#timer ??= setTimeout(() => this.#pass(), BATCH_MS);
  }

  open(): void {
    this.#isOpen = true;
    this.#pass();
  }

  close(): void {
    this.#isOpen = false;
    clearTimeout(this.#timer);
  }

  #pass(): void {
    this.#timer = undefined;
    const changes = this.#waiting;
    this.#waiting = [];
    if (changes.length > 0) applyChanges(changes);
  }
}
