/** Where somebody types what a job runs. */

import { useState } from "preact/hooks";

import { draftOf, type Draft, type DraftKind } from "../format/definition.ts";

const KINDS: { kind: DraftKind; title: string; hint: string }[] = [
  {
    kind: "commands",
    title: "Commands",
    hint: "Commands for a shell; the first one that fails ends the job",
  },
  { kind: "prompt", title: "Prompts", hint: "One question to the language model in each line" },
  { kind: "vectors", title: "Vectors", hint: "One text in each line; each becomes a vector" },
  { kind: "json", title: "JSON", hint: "A definition, as `nosana job validate` accepts it" },
  {
    kind: "stored",
    title: "Stored definition",
    hint: "The CID of a definition that nodes can read",
  },
];

export function DefinitionForm({ onChange }: { onChange: (draft: Draft) => void }) {
  const [kind, setKind] = useState<DraftKind>("commands");
  const [text, setText] = useState("");
  const hint = KINDS.find((each) => each.kind === kind)?.hint ?? "";

  const change = (nextKind: DraftKind, nextText: string) => {
    setKind(nextKind);
    setText(nextText);
    onChange(draftOf(nextKind, nextText));
  };
  return (
    <>
      <fieldset class="kinds">
        <legend>Kind of definition</legend>
        {KINDS.map((each) => (
          <label key={each.kind} class="choice">
            <input
              type="radio"
              name="kind"
              checked={each.kind === kind}
              onChange={() => change(each.kind, text)}
            />{" "}
            {each.title}
          </label>
        ))}
      </fieldset>
      <label>
        {hint}
        <textarea
          name="definition"
          rows={8}
          spellcheck={false}
          value={text}
          onInput={(event) => change(kind, event.currentTarget.value)}
        />
      </label>
    </>
  );
}
