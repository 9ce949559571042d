import type { LoadSpan } from './plan.ts';

/** Returns one span per VU, all with the same times. */
export function spansOf(vus: number, startUs: number, stopUs: number): LoadSpan[] {
  return Array.from({ length: vus }, (_, index) => ({ vu: index + 1, startUs, stopUs }));
}
