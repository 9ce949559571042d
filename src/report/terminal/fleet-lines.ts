import type { CallerFigures, ClientFigures, FleetFigures } from '../../analysis/by-client.ts';
import { formatMetric, percent } from '../format.ts';
import { tableLines } from './table-lines.ts';
import { indented } from './wrap.ts';

const time = (us: number | null): string => (us === null ? '–' : formatMetric(us));
const share = (value: number | null): string => (value === null ? '–' : percent(value));
const indent = (line: string): string => `    ${line}`;

/** Returns clients side by side, what one took from another, and the replicas of each in a line or two. */
export function fleetLines(fleet: FleetFigures | null, width: number): string[] {
  if (!fleet) return [];
  return [
    ...(fleet.clients.length > 1 ? tableLines([headOf(fleet), ...fleet.clients.map(clientRow)]).map(indent) : []),
    ...(fleet.imbalance === null ? [] : indented(fleet.imbalance, width, 4)),
    ...fleet.clients.flatMap((client) => replicaLines(client, width)),
  ];
}

/** Returns the same in fewer columns, for a narrow terminal. */
export function briefFleetLines(fleet: FleetFigures | null, width: number): string[] {
  if (!fleet) return [];
  const head = ['client', 'calls', 'failed', 'refused', 'share', 'waited p(95)'];
  const rows = fleet.clients.map((client) => [
    client.name,
    ...[client.calls, client.failed, client.refused].map(String),
    share(client.share),
    time(client.waitP95Us),
  ]);
  return [
    ...(fleet.imbalance === null ? [] : indented(fleet.imbalance, width, 4, 'clients   ')),
    ...(fleet.clients.length > 1
      ? tableLines([head, ...rows]).map(indent)
      : fleet.clients.flatMap((client) => replicaLines(client, width))),
  ];
}

const headOf = ({ limit }: FleetFigures): string[] => [
  'client',
  'calls',
  'failed',
  'cut',
  'refused',
  limit === null ? 'share' : `of ${limit}`,
  'waited p(95)',
  'call p(95)',
];

function clientRow({ name, calls, failed, cut, refused, ...client }: ClientFigures): string[] {
  return [
    name,
    ...[calls, failed, cut, refused].map(String),
    share(client.share),
    time(client.waitP95Us),
    time(client.p95Us),
  ];
}

/** Returns the range over the replicas of a client, and which of them is the worst. */
function replicaLines({ name, replicas, restarts, cut }: ClientFigures, width: number): string[] {
  if (replicas.length < 2 && restarts === 0) return [];
  const parts = [
    ...(replicas.length > 1 ? [rangeText(replicas)] : []),
    ...(restarts > 0 ? [`${restarts === 1 ? '1 restart' : `${restarts} restarts`}, which cut ${cut} calls`] : []),
  ];
  return indented(`${name === '' ? '' : `${name}: `}${parts.join('; ')}`, width, 4, 'replicas  ');
}

function rangeText(replicas: readonly CallerFigures[]): string {
  const worst = replicas.reduce((most, one) => (isWorse(one, most) ? one : most));
  const range = (of: (one: CallerFigures) => number | null, show: (value: number) => string): string => {
    const values = replicas.flatMap((one) => of(one) ?? []).sort((a, b) => a - b);
    const [least, most] = [show(values[0] ?? 0), show(values.at(-1) ?? 0)];
    return least === most ? least : `${least} to ${most}`;
  };
  return (
    `${replicas.length}, each ${range(({ calls }) => calls, String)} calls, ` +
    `${range(({ refused, attempts }) => (attempts === 0 ? null : refused / attempts), percent)} refused, ` +
    `p(95) ${range(({ p95Us }) => p95Us, formatMetric)}; worst: ${worst.name}` +
    `${worst.failed > 0 ? ` (${worst.failed} failed)` : ''}`
  );
}

function isWorse(a: CallerFigures, b: CallerFigures): boolean {
  return a.failed === b.failed ? (a.p95Us ?? 0) > (b.p95Us ?? 0) : a.failed > b.failed;
}
