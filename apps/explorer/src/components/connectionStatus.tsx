/** Whether the page is live, and the form that connects it to another network. */

import { useRef } from "preact/hooks";

import { hostOf, settings } from "../data/settings.ts";
import { status } from "../data/sync.ts";
import { lineText } from "../format/text.ts";

export function ConnectionStatus() {
  const dialog = useRef<HTMLDialogElement>(null);
  const { kind } = status.value;
  const word = { connecting: "Connecting", live: "Live", broken: "Reconnecting" }[kind];

  return (
    <>
      <button
        type="button"
        class={`status ${kind}`}
        title={explainStatus()}
        onClick={() => dialog.current?.showModal()}
      >
        <span class="dot" aria-hidden="true" />
        {word}
        <span class="host"> {hostOf(settings.value.url)}</span>
        <span class="hidden">, connection</span>
      </button>
      <span class="hidden" role="status">
        {word}
      </span>
      <dialog ref={dialog} aria-labelledby="connection-title">
        <h2 id="connection-title">Connection</h2>
        <p>{explainStatus()}</p>
        <ConnectionForm onCancel={() => dialog.current?.close()} />
      </dialog>
    </>
  );
}

const HTTP_ONLY = { pattern: "https?://.+", title: "An address with http:// or https://" };

function ConnectionForm({ onCancel }: { onCancel: () => void }) {
  const { url, content } = settings.value;

  const connect = (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const query = new URLSearchParams();
    for (const name of ["url", "content"]) {
      const value = data.get(name);
      if (typeof value === "string" && value !== "") query.set(name, value);
    }
    // A reload drops what the page knows of the other network.
    location.search = query.toString();
  };

  return (
    <form onSubmit={connect}>
      <label>
        JSON-RPC server
        <input name="url" type="url" required {...HTTP_ONLY} value={url} />
      </label>
      <label>
        Content endpoint, a trustless IPFS gateway; may be empty
        <input
          name="content"
          type="url"
          {...HTTP_ONLY}
          value={content ?? ""}
          placeholder="http://127.0.0.1:8080"
        />
      </label>
      <div class="buttons">
        <button type="button" onClick={onCancel}>
          Close
        </button>
        <button type="submit" class="primary">
          Connect
        </button>
      </div>
    </form>
  );
}

function explainStatus(): string {
  const known = status.value;
  const host = hostOf(settings.value.url);
  switch (known.kind) {
    case "connecting":
      return `Connecting to ${host}`;
    case "live":
      return `Changes appear as ${host} reports them`;
    case "broken":
      return `${host} does not answer: ${lineText(known.why, 1_000)}. Numbers may be stale`;
  }
}
