/** A table that shows a page of its rows at a time. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { groupDigits } from "../format/amount.ts";
import { Empty } from "./notices.tsx";

export interface Column<T> {
  title: string;
  cell: (row: T, index: number) => ComponentChildren;
  /** Numbers stand at the right. */
  isNumber?: boolean;
  /** Left out on a phone. */
  isExtra?: boolean;
}

interface TableProps<T> {
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  /** What the table says without rows. */
  empty: ComponentChildren;
  pageSize?: number;
}

export function PagedTable<T>(props: TableProps<T>) {
  const { caption, columns, rows, rowKey, empty, pageSize = 12 } = props;
  const [asked, setPage] = useState(0);
  const [spoken, speak] = useState("");
  if (rows.length === 0) return <Empty>{empty}</Empty>;

  const pages = Math.ceil(rows.length / pageSize);
  const page = Math.min(asked, pages - 1);
  const first = page * pageSize;
  const shown = rows.slice(first, first + pageSize);
  const turnTo = (next: number) => {
    setPage(next);
    speak(`Page ${groupDigits(next + 1)} of ${groupDigits(pages)}`);
  };
  return (
    <>
      <div class="scroll" role="group" aria-label={caption} tabIndex={0}>
        <table>
          <caption>{caption}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column.title} scope="col" class={classOf(column)}>
                  {column.title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, index) => (
              <tr key={rowKey(row)} data-key={rowKey(row)}>
                {columns.map((column, place) => {
                  const cell = column.cell(row, first + index);
                  return place === 0 ? (
                    <th key={column.title} scope="row" class={classOf(column)}>
                      {cell}
                    </th>
                  ) : (
                    <td key={column.title} class={classOf(column)}>
                      {cell}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {pages > 1 && (
        <nav class="pager" aria-label={`Pages of ${caption}`}>
          <button type="button" disabled={page === 0} onClick={() => turnTo(page - 1)}>
            Previous
          </button>
          <span>
            {groupDigits(first + 1)}–{groupDigits(first + shown.length)} of{" "}
            {groupDigits(rows.length)}
          </span>
          <button type="button" disabled={page === pages - 1} onClick={() => turnTo(page + 1)}>
            Next
          </button>
          {/* Says what the buttons did, and not each change of the list. */}
          <span class="hidden" role="status">
            {spoken}
          </span>
        </nav>
      )}
    </>
  );
}

function classOf<T>({ isNumber, isExtra }: Column<T>): string | undefined {
  return [isNumber && "number", isExtra && "extra"].filter(Boolean).join(" ") || undefined;
}
