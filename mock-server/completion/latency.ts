import type { Random } from '../random.ts';
import type { Duration, Latency } from '../reply-settings.ts';

/** The 99th percentile of the standard normal distribution. */
const Z99 = 2.3263478740408408;

/** Draws one duration, in whole microseconds: log-normal with mean ln p50 and standard deviation ln(p99/p50) / z99. */
export function drawUs(duration: Duration, random: Random): number {
  if ('fixedUs' in duration) return duration.fixedUs;
  const sigma = Math.log(duration.p99Us / duration.p50Us) / Z99;
  return Math.round(duration.p50Us * Math.exp(sigma * standardNormal(random)));
}

/** Box–Muller transform; 1 − u keeps the logarithm finite. */
function standardNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/**
 * Returns when each token is ready, in microseconds after receipt; an empty answer has one time. Makes the same draws as
 * `lastTokenUs`, so that both give the same end.
 */
export function tokenTimesUs(latency: Latency, tokens: number, random: Random): number[] {
  let atUs = drawUs(latency.firstToken, random);
  return Array.from({ length: Math.max(1, tokens) }, (_, token) => {
    if (token > 0) atUs += drawUs(latency.perToken, random);
    return atUs;
  });
}

/** Returns when the last token is ready, in microseconds after receipt; for answers that are not streamed. */
export function lastTokenUs(latency: Latency, tokens: number, random: Random): number {
  const { firstToken, perToken } = latency;
  if (!('fixedUs' in perToken)) return tokenTimesUs(latency, tokens, random).at(-1)!;
  return drawUs(firstToken, random) + Math.max(0, tokens - 1) * perToken.fixedUs;
}
