import type { AttemptResult, Pacer } from './gates.ts';

const BETA = 0.7;
const SCALE = 0.4;
const SMOOTH = 0.8;
const MIN_RATE = 0.5;
/** The rate is measured in buckets of half a second. */
const BUCKETS_PER_SECOND = 2;

/**
 * The rate limiter of the AWS SDKs' adaptive mode (`boto/botocore`, `retries/adaptive.py`, `bucket.py`, `throttling.py`):
 * off until the first refusal; then the rate drops to 0.7 of the measured rate and grows back along CUBIC, at most twice
 * the measured rate and at least 0.5/s.
 */
export function cubicPacer(): Pacer {
  let on = false;
  let fillRate = 0;
  let tokens = 0;
  let capacity = 0;
  let filledUs = 0;
  let measured = 0;
  let bucket = 0;
  let counted = 0;
  let lastMax = 0;
  let throttledUs = 0;
  let windowS = 0;

  function fill(nowUs: number): void {
    tokens = Math.min(capacity, tokens + ((nowUs - filledUs) / 1e6) * fillRate);
    filledUs = nowUs;
  }

  function measure(nowUs: number): void {
    const now = Math.floor((nowUs / 1e6) * BUCKETS_PER_SECOND) / BUCKETS_PER_SECOND;
    counted++;
    if (now <= bucket) return;
    measured = (counted / (now - bucket)) * SMOOTH + measured * (1 - SMOOTH);
    counted = 0;
    bucket = now;
  }

  function setRate(rate: number, nowUs: number): void {
    fill(nowUs);
    fillRate = Math.max(rate, MIN_RATE);
    capacity = Math.max(rate, 1);
    tokens = Math.min(tokens, capacity);
  }

  function throttle(nowUs: number): void {
    const rate = on ? Math.min(measured, fillRate) : measured;
    lastMax = rate;
    throttledUs = nowUs;
    windowS = Math.cbrt((lastMax * (1 - BETA)) / SCALE);
    if (!on) filledUs = nowUs;
    on = true;
    setRate(rate * BETA, nowUs);
  }

  return {
    waitUs(nowUs) {
      if (!on) return 0;
      fill(nowUs);
      tokens -= 1;
      return tokens >= 0 ? 0 : Math.ceil((-tokens / fillRate) * 1e6);
    },
    ended(nowUs, result: AttemptResult) {
      measure(nowUs);
      if (result === 'refused') throttle(nowUs);
      else if (on) {
        const sinceS = (nowUs - throttledUs) / 1e6;
        setRate(Math.min(SCALE * (sinceS - windowS) ** 3 + lastMax, 2 * measured), nowUs);
      }
    },
  };
}
