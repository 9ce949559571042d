import { describe, expect, it } from 'vitest';
import { CLIENTS, LOADS, truthOf } from './truth.ts';

/** What a model may be away from its client: its draws are others, its rules are the same. */
const MOST = 0.03;

describe.concurrent.each(CLIENTS)('%s, its own code in virtual time, and its model', (client) => {
  it.each(Object.keys(LOADS) as (keyof typeof LOADS)[])('%s', async (load) => {
    const { real, model, difference, alarms } = await truthOf(client, load, 'brief');
    expect(difference, JSON.stringify({ real, model })).toBeLessThanOrEqual(MOST);
    // What is judged of one is judged of the other: they differ in no rule, and no cell lies on the edge of a verdict.
    expect(alarms.model).toEqual(alarms.real);
    // The quota has refused, the outage has hit: what is compared has happened.
    expect(real.attempts).toBeGreaterThan(real.calls);
  });
});
