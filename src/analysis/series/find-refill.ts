import { type AlgorithmSpec, algorithmOf } from '../../../mock-server/limiter/algorithms.ts';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';

/** When a bucket is full again if nothing else is charged, and the levels to draw at that time. */
interface Refill {
  readonly atUs: number;
  readonly levels: readonly number[];
}

/**
 * Creates a function to call for each request on a bucket, in order, with the start of the request and the level after it. The
 * function returns the end of the line to the next refill: the line rises if the bucket refills continuously, and jumps at the
 * end of a window. Undefined for other limits.
 */
export function createFindRefill(
  spec: AlgorithmSpec,
  originUs: number,
): (startUs: number, after: number) => Refill | undefined {
  const algorithm = algorithmOf(spec);
  const full = algorithm.amount(spec);
  if (algorithm.refills === 'at-reset') {
    const limiter = createLimiter(spec);
    let resetUs = -Infinity;
    return (startUs, after) => {
      const nowUs = originUs + startUs;
      // The first request after a reset may open the next window.
      if (startUs >= resetUs) resetUs = startUs + limiter.check(limiter.initial(nowUs), nowUs, 1).resetUs;
      return { atUs: resetUs, levels: [after, full] };
    };
  }
  const rate = algorithm.sustained(spec);
  if (!rate || (algorithm.refills !== 'continuously' && algorithm.refills !== 'by-draining')) return () => undefined;
  return (startUs, after) => ({
    atUs: startUs + ((full - after) * rate.periodUs) / rate.amount,
    levels: [full],
  });
}
