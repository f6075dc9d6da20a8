/** Bars over time, drawn as SVG. A table beside it has the same numbers for screen readers. */

import { useRef } from "preact/hooks";

import { groupDigits } from "../format/amount.ts";
import { useWidth } from "./useWidth.ts";

export interface Series {
  name: string;
  /** A class of the style sheet, which has its color. */
  style: "first" | "second";
  values: readonly number[];
  /** How the values are written, if not as whole numbers. */
  texts?: readonly string[];
}

interface ChartProps {
  title: string;
  /** The names of the groups of bars. */
  labels: readonly string[];
  series: readonly Series[];
  /** How the axis writes a value; whole numbers unless it is set. */
  format?: (value: number) => string;
}

const HEIGHT = 160;
const BOTTOM = 18;
/** The width of a character of the labels at the left. */
const CHARACTER = 6.2;
/** A label below every sixth group. */
const LABEL_STEP = 6;

export function BarChart({ title, labels, series, format = groupDigits }: ChartProps) {
  const figure = useRef<HTMLElement>(null);
  const width = useWidth(figure);
  const top = niceMaximum(Math.max(0, ...series.flatMap(({ values }) => values)));
  const longest = Math.max(...[0, 0.5, 1].map((part) => axisText(top * part, format).length));
  const left = 12 + longest * CHARACTER;
  const group = (width - left) / Math.max(labels.length, 1);
  const bar = Math.max(1, (group - 3) / series.length);
  const height = (value: number) => ((HEIGHT - BOTTOM - 8) * value) / top;

  return (
    <figure class="chart" ref={figure}>
      <figcaption>
        {series.map(({ name, style }) => (
          <span key={name} class={`key ${style}`}>
            {name}
          </span>
        ))}
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${HEIGHT}`}
        role="img"
        aria-label={`${title}; the table has the numbers`}
      >
        {[0, 0.5, 1].map((part) => {
          const y = HEIGHT - BOTTOM - height(top * part);
          return (
            <g key={part}>
              <line class="grid" x1={left} x2={width} y1={y} y2={y} />
              <text class="axis" x={left - 6} y={y + 3} text-anchor="end">
                {axisText(top * part, format)}
              </text>
            </g>
          );
        })}
        {labels.map((label, index) => (
          <g key={label}>
            {series.map(({ name, style, values, texts }, place) => {
              const value = values[index] ?? 0;
              return (
                <rect
                  key={name}
                  class={`bar ${style}`}
                  x={left + index * group + place * bar + 1}
                  y={HEIGHT - BOTTOM - height(value)}
                  width={Math.max(1, bar - 1)}
                  height={height(value)}
                >
                  <title>{`${label}: ${texts?.[index] ?? format(value)} ${name}`}</title>
                </rect>
              );
            })}
            {index % LABEL_STEP === 0 && (
              <text class="axis" x={left + index * group + 1} y={HEIGHT - 4}>
                {label}
              </text>
            )}
          </g>
        ))}
      </svg>
      <details>
        <summary>Numbers of this chart</summary>
        <div class="scroll" role="group" aria-label={title} tabIndex={0}>
          <table>
            <caption>{title}</caption>
            <thead>
              <tr>
                <th scope="col">Time</th>
                {series.map(({ name }) => (
                  <th key={name} scope="col" class="number">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {labels.map((label, index) => (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  {series.map(({ name, values, texts }) => (
                    <td key={name} class="number">
                      {texts?.[index] ?? format(values[index] ?? 0)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

function axisText(value: number, format: (value: number) => string): string {
  return Number.isInteger(value) ? format(value) : "";
}

/** The next of 2, 4, 10, 20, 40, 100, … so that half of it is a whole number. */
export function niceMaximum(value: number): number {
  for (let power = 1; ; power *= 10) {
    for (const step of [2, 4, 10]) if (value <= step * power) return step * power;
  }
}
