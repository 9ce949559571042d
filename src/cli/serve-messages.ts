import { DIALECTS } from '../../mock-server/dialects/dialects.ts';
import { endingKind } from '../../mock-server/ending.ts';
import type { Exchange } from '../../mock-server/exchange.ts';
import type { ProviderServer } from '../../mock-server/listen.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import { describeLimit } from '../report/describe-limit.ts';

/** What the admin routes require: nothing, the token of `--token`, or one that was made for them. */
export type AdminAccess = 'open' | 'given-token' | { readonly madeToken: string };

/** Formats the provider's address, limits, faults and environment variables, printed when it listens. A given token is a secret. */
export function formatServeIntroduction(
  { url }: ProviderServer,
  settings: ProviderSettings,
  access: AdminAccess,
): string {
  const { limits, faults } = settings;
  const limitLines = limits.length === 0 ? ['no limits; add some with --limit'] : limits.map(describeLimit);
  const faultLines = faults.map(({ does, match }) =>
    match?.model === undefined ? `fault: ${does.kind}` : `fault: ${does.kind}, model ${match.model}`,
  );
  const { title, environment } = DIALECTS[settings.dialect];
  const exports = Object.entries(environment(url, 'sk-any')).map(([name, value]) => `export ${name}=${value}`);
  return [
    `${title} mock at ${url}`,
    ...[...limitLines, ...faultLines].map((line) => `  ${line}`),
    '',
    ...exports,
    '',
    `admin API (state, journal, limits, faults): ${url}/__quotalab/state`,
    `Prometheus: ${url}/metrics`,
    ...accessLines(access),
    '',
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function accessLines(access: AdminAccess): string[] {
  if (access === 'open') return [];
  return [
    access === 'given-token' ? 'both require the token of --token' : `both require this token: ${access.madeToken}`,
  ];
}

/** Returns the same as data. */
export function serveJson({ url }: ProviderServer, settings: ProviderSettings, access: AdminAccess) {
  const { limits, faults, dialect } = settings;
  return {
    url,
    dialect,
    limits: limits.map(describeLimit),
    faults: faults.map(({ does }) => does.kind),
    environment: DIALECTS[dialect].environment(url, 'sk-any'),
    admin: `${url}/__quotalab/state`,
    metrics: `${url}/metrics`,
    ...(typeof access === 'object' && { token: access.madeToken }),
  };
}

/** Counts replies and prints the counts when they have changed. */
export function createReplyCounter(to: NodeJS.WriteStream): { add(exchange: Exchange): void; show(): void } {
  const counts = { admitted: 0, refused: 0, other: 0, aborted: 0 };
  let shown = '';
  return {
    add({ view, outcome }) {
      const kind = endingKind({ ...view, outcome });
      if (outcome !== 'response') counts.aborted++;
      else if (kind === 'refused' || kind === 'spent') counts.refused++;
      else if (kind === 'answered') counts.admitted++;
      else counts.other++;
    },
    show() {
      const { admitted, refused, other, aborted } = counts;
      const text = `${admitted} admitted, ${refused} refused (429), ${other} other replies, ${aborted} aborted`;
      if (text === shown || admitted + refused + other + aborted === 0) return;
      to.write(to.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
      shown = text;
    },
  };
}
