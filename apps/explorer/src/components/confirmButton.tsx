/** A button that asks once more, for what cannot be undone. */

import { useState } from "preact/hooks";

interface ConfirmProps {
  title: string;
  /** What happens; shown before it does. */
  effect: string;
  isDisabled: boolean;
  onConfirm: () => void;
}

export function ConfirmButton({ title, effect, isDisabled, onConfirm }: ConfirmProps) {
  const [isAsking, ask] = useState(false);
  if (!isAsking) {
    return (
      <button type="button" disabled={isDisabled} title={effect} onClick={() => ask(true)}>
        {title}
      </button>
    );
  }

  const confirm = () => {
    ask(false);
    onConfirm();
  };
  return (
    <span class="confirm" role="group" aria-label={`${title}?`}>
      <span class="fine">{effect}.</span>
      <button type="button" class="primary" onClick={confirm}>
        {title} now
      </button>
      <button type="button" onClick={() => ask(false)}>
        Keep
      </button>
    </span>
  );
}
