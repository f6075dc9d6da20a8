/** A button that asks once more, for what cannot be undone. */

import { useEffect, useId, useRef, useState } from "preact/hooks";

interface ConfirmProps {
  title: string;
  /** What happens; shown before it does. */
  effect: string;
  isDisabled: boolean;
  onConfirm: () => void;
}

export function ConfirmButton({ title, effect, isDisabled, onConfirm }: ConfirmProps) {
  const [isAsking, ask] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const question = useRef<HTMLSpanElement>(null);
  const wasAsking = useRef(false);
  const effectId = useId();

  // What had the focus is gone: what is in its place takes it. The question itself, not one of its
  // buttons, so that a key that is held down does not answer it.
  useEffect(() => {
    if (isAsking) question.current?.focus();
    else if (wasAsking.current) button.current?.focus();
    wasAsking.current = isAsking;
  }, [isAsking]);

  if (!isAsking) {
    return (
      <button
        type="button"
        ref={button}
        aria-disabled={isDisabled}
        title={effect}
        onClick={() => ask(!isDisabled)}
      >
        {title}
      </button>
    );
  }

  const confirm = () => {
    ask(false);
    onConfirm();
  };
  return (
    <span
      class="confirm"
      role="group"
      ref={question}
      tabIndex={-1}
      aria-label={`${title}?`}
      aria-describedby={effectId}
    >
      <span class="fine" id={effectId}>
        {effect}.
      </span>
      <button type="button" class="primary" onClick={confirm}>
        {title} now
      </button>
      <button type="button" onClick={() => ask(false)}>
        Keep
      </button>
    </span>
  );
}
