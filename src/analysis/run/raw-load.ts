import type { Run } from './run-view.ts';

/** Why no verdict judges this run: nobody's client made its requests. Undefined for every other run. */
export function rawLoadReason({ header, seconds }: Run): string | undefined {
  // Journals of before clients could be anything but a module do not say.
  if ((header.scenario.client.code as { kind?: string } | undefined)?.kind !== 'autocannon' || header.time !== 'wall')
    return undefined;
  const counted = seconds.length > 0 ? ', and its requests were counted by the second, not kept one by one' : '';
  return `raw load sends each request once and never again, so that there is no client to judge${counted}.`;
}
