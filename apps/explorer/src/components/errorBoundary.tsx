/** Keeps an error of one page from taking the whole page down. */

import { Component, type ComponentChildren } from "preact";

import { Problem } from "./notices.tsx";

interface State {
  message: string | undefined;
}

export class ErrorBoundary extends Component<{ children: ComponentChildren }, State> {
  override state: State = { message: undefined };

  static override getDerivedStateFromError(error: unknown): State {
    return { message: error instanceof Error ? error.message : String(error) };
  }

  override render() {
    const { message } = this.state;
    if (message === undefined) return this.props.children;
    return (
      <Problem title="This page cannot be shown">
        {message}. <a href="#/">Go to the network</a>, or reload the page.
      </Problem>
    );
  }
}
