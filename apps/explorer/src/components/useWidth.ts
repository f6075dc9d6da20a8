/** The width of an element, so that the text of a chart keeps its size. */

import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

/** The width until the element was measured. */
const FIRST_WIDTH = 720;

export function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(FIRST_WIDTH);

  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.max(1, Math.round(entry.contentRect.width)));
    });
    if (element.current) observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return width;
}
