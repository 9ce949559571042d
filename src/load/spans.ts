import type { Span } from './plan.ts';

/** One span for each of `vus` VUs, all of the same time. */
export function spansOf(vus: number, startUs: number, stopUs: number): Span[] {
  return Array.from({ length: vus }, (_, index) => ({ vu: index + 1, startUs, stopUs }));
}
