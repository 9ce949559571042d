import { describe, expect, it } from 'vitest';
import { CLIENTS, LOADS, truthOf } from './truth.ts';

/** Maximum difference between a model and its client: the random draws differ, the rules are the same. */
const MAX_DIFFERENCE = 0.03;

describe.concurrent.each(CLIENTS)('%s in virtual time and its model', (client) => {
  it.each(Object.keys(LOADS) as (keyof typeof LOADS)[])('%s', async (load) => {
    const { real, model, difference, alarms } = await truthOf(client, load, 'brief');
    expect(difference, JSON.stringify({ real, model })).toBeLessThanOrEqual(MAX_DIFFERENCE);
    // Both get the same verdicts: the rules are equal, and no case is close to a bound.
    expect(alarms.model).toEqual(alarms.real);
    // The limit refused or the outage hit, so retries were compared.
    expect(real.attempts).toBeGreaterThan(real.calls);
  });
});
