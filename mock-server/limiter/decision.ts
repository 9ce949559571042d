import type { Decision } from './limiter.ts';

export function admitted(remaining: number, resetUs: number, delayUs = 0): Decision {
  return { admit: true, remaining, resetUs, retryAfterUs: 0, delayUs };
}

export function denied(remaining: number, resetUs: number, retryAfterUs: number): Decision {
  return { admit: false, remaining, resetUs, retryAfterUs, delayUs: 0 };
}
