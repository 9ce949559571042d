import { dialectOf } from '../../mock-server/dialects/dialects.ts';
import type { Exchange } from '../../mock-server/exchange.ts';
import type { Listening } from '../../mock-server/listen.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import { describeLimit } from '../report/describe-limit.ts';

/** What a person is told when a provider listens: where, what it meters, and how to point a program at it. */
export function introduction({ url }: Listening, settings: ProviderSettings, token: string | undefined): string {
  const { limits, faults } = settings;
  const metered = limits.length === 0 ? ['no limits; add some with --limit'] : limits.map(describeLimit);
  const wrong = faults.map(({ does }) => `fault: ${does.kind}`);
  const { title, environment } = dialectOf(settings);
  const exports = Object.entries(environment(url, 'sk-any')).map(([name, value]) => `export ${name}=${value}`);
  return [
    `${title} mock at ${url}`,
    ...[...metered, ...wrong].map((line) => `  ${line}`),
    '',
    ...exports,
    '',
    `state, journal, limits and faults while it runs: ${url}/__quotalab/state; Prometheus: ${url}/metrics`,
    ...(token === undefined ? [] : [`these ask for this token: ${token}`]),
    '',
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** Counts what was served and tells it when it has changed. */
export function createCounts(to: NodeJS.WriteStream): { add(exchange: Exchange): void; show(): void } {
  const counts = { admitted: 0, refused: 0, other: 0, aborted: 0 };
  let told = '';
  return {
    add({ sight, outcome }) {
      if (outcome !== 'response') counts.aborted++;
      else if (sight.status === 429) counts.refused++;
      else if (sight.status < 300) counts.admitted++;
      else counts.other++;
    },
    show() {
      const { admitted, refused, other, aborted } = counts;
      const text = `${admitted} admitted, ${refused} refused (429), ${other} other answers, ${aborted} cut off`;
      if (text === told || admitted + refused + other + aborted === 0) return;
      to.write(to.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
      told = text;
    },
  };
}
