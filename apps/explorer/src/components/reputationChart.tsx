/** How a node's reputation has changed with its settled jobs. */

import { useRef } from "preact/hooks";

import { rateText } from "../format/amount.ts";
import { momentText } from "../format/time.ts";
import type { ScorePoint } from "../rules/reputationHistory.ts";
import { useWidth } from "./useWidth.ts";

const HEIGHT = 110;
const BOTTOM = 16;
const LEFT = 38;
const WHOLE_BPS = 10_000;
const TITLE = "Reputation after each settled job";

export function ReputationChart({ points }: { points: readonly ScorePoint[] }) {
  const figure = useRef<HTMLElement>(null);
  const width = useWidth(figure);
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return null;

  const span = Math.max(1, Number(last.at - first.at));
  const x = (at: bigint) => LEFT + ((width - LEFT - 4) * Number(at - first.at)) / span;
  const y = (bps: bigint | number) =>
    6 + ((HEIGHT - BOTTOM - 6) * (WHOLE_BPS - Number(bps))) / WHOLE_BPS;
  // A score holds until the next settlement: a line of steps.
  const path = points
    .map(({ at, scoreBps }, index) =>
      index === 0 ? `M${x(at)} ${y(scoreBps)}` : `H${x(at)} V${y(scoreBps)}`,
    )
    .join(" ");

  return (
    <figure class="chart" ref={figure}>
      <svg
        viewBox={`0 0 ${width} ${HEIGHT}`}
        role="img"
        aria-label={`${TITLE}; the table has the numbers`}
      >
        {[0, 5_000, WHOLE_BPS].map((bps) => (
          <g key={bps}>
            <line class="grid" x1={LEFT} x2={width} y1={y(bps)} y2={y(bps)} />
            <text class="axis" x={LEFT - 5} y={y(bps) + 3} text-anchor="end">
              {rateText(bps)}
            </text>
          </g>
        ))}
        <path class="curve" d={path} />
        <text class="axis" x={LEFT} y={HEIGHT - 2}>
          {momentText(first.at).slice(5, 16)}
        </text>
        <text class="axis" x={width - 2} y={HEIGHT - 2} text-anchor="end">
          {momentText(last.at).slice(5, 16)}
        </text>
      </svg>
      <details>
        <summary>Numbers of this chart</summary>
        <div class="scroll" role="group" aria-label={TITLE} tabIndex={0}>
          <table>
            <caption>{TITLE}</caption>
            <thead>
              <tr>
                <th scope="col">Settled, UTC</th>
                <th scope="col" class="number">
                  Reputation
                </th>
              </tr>
            </thead>
            <tbody>
              {points.map(({ at, scoreBps }, index) => (
                <tr key={index}>
                  <th scope="row">{index === 0 ? "Before" : momentText(at)}</th>
                  <td class="number">{rateText(scoreBps)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}
