/** What a page says when there is nothing to show, or something failed. */

import type { ComponentChildren } from "preact";

/** An error, and what to do about it. */
export function Problem({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="problem" role="alert">
      <h1>{title}</h1>
      <div>{children}</div>
    </section>
  );
}

/** A short note inside a card. */
export function Note({ children, tone }: { children: ComponentChildren; tone?: "bad" | "good" }) {
  return <p class={tone ? `note ${tone}` : "note"}>{children}</p>;
}

/** Why a list is empty. */
export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}
