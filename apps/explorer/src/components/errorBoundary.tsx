/** Keeps an error of one part from taking the whole page down. */

import { Component, type ComponentChildren } from "preact";

import { lineText } from "../format/text.ts";
import { Note, Problem } from "./notices.tsx";

interface Props {
  /** The part of a card that is inside; a whole page unless it is set. */
  what?: string;
  children: ComponentChildren;
}

interface State {
  message: string | undefined;
}

const MAX_CHARACTERS = 1_000;

export class ErrorBoundary extends Component<Props, State> {
  override state: State = { message: undefined };

  static override getDerivedStateFromError(error: unknown): State {
    const message = error instanceof Error ? error.message : String(error);
    return { message: lineText(message, MAX_CHARACTERS) };
  }

  override render() {
    const { what, children } = this.props;
    const { message } = this.state;
    if (message === undefined) return children;
    if (what !== undefined) {
      return (
        <Note tone="bad">
          The {what} cannot be shown: {message}.
        </Note>
      );
    }
    return (
      <Problem title="This page cannot be shown">
        {message}. <a href="#/">Go to the network</a>, or reload the page.
      </Problem>
    );
  }
}
