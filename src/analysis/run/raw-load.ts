import type { Run } from './run-view.ts';

/** Returns why verdicts do not apply to a raw-load run, which has no client under test. Undefined for every other run. */
export function rawLoadReason({ header, seconds }: Run): string | undefined {
  // Older journals have no `kind`: every client was a module.
  if ((header.scenario.client.code as { kind?: string } | undefined)?.kind !== 'autocannon' || header.time !== 'wall')
    return undefined;
  const counted = seconds.length > 0 ? ', and its requests were counted per second, not recorded individually' : '';
  return `raw load sends each request once and never retries, so there is no client to judge${counted}.`;
}
