import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Behaviour, CLIENTS, type Score, scoreInferred, scoreOnline, simulateTraffic } from './simulated.ts';

/** Calls per second, and the share of calls with a common prompt. */
const LOADS = [
  [1, 0.1],
  [5, 0],
  [5, 0.1],
  [5, 0.5],
  [20, 0.1],
] as const;
/** Index of a load with typical overlap for retry tests: most calls are open with ten others, one in ten has a common prompt. */
const MODERATE = 2;

const { tagged, keyed, ...unmarked } = CLIENTS;

interface Row {
  readonly client: Behaviour;
  readonly scores: readonly Score[];
}

function measure(clients: readonly Behaviour[], score: typeof scoreOnline): Row[] {
  return clients.map((client) => ({
    client,
    scores: LOADS.map(([rate, common]) => score(simulateTraffic(client, rate, common, 1))),
  }));
}

const online = measure([tagged, keyed, ...Object.values(unmarked)], scoreOnline);
const whole = measure([keyed, ...Object.values(unmarked)], scoreInferred);

const precision = ({ right, joined }: Score): number => right / joined;
const recall = ({ right, all }: Score): number => right / all;

/** Cut, not rounded, so that 1.000 means all. */
const cut = (share: number): string => (Math.floor(share * 1000) / 1000).toFixed(3);

function table(title: string, rows: readonly Row[]): string[] {
  const cells = (score: Score): string => `${cut(precision(score))} / ${cut(recall(score))}`;
  const heads = LOADS.map(([rate, common]) => `${rate}/s, ${common * 100} %`.padEnd(13));
  return [
    `| ${title.padEnd(32)} | ${heads.join(' | ')} |`,
    `|${'-'.repeat(34)}|${heads.map((head) => '-'.repeat(head.length + 2)).join('|')}|`,
    ...rows.map(({ client, scores }) => `| ${client.name.padEnd(32)} | ${scores.map(cells).join(' | ')} |`),
  ];
}

const tables = [table('calls that the runner starts', online), table('a program that is run whole', whole)];

function pooled(rows: readonly Row[], load: number): Score {
  const scores = rows.map(({ scores: all }) => all[load]!);
  const sum = (of: (score: Score) => number): number => scores.reduce((total, score) => total + of(score), 0);
  return { all: sum(({ all }) => all), joined: sum(({ joined }) => joined), right: sum(({ right }) => right) };
}

describe('precision and recall on simulated clients', () => {
  it('are printed', () => {
    console.log(
      `precision / recall, by calls per second and share of calls with a common prompt\n\n${tables.map((one) => one.join('\n')).join('\n\n')}\n`,
    );
    expect(tables.flat()).toHaveLength(2 * 2 + online.length + whole.length);
  });

  it('are those of docs/attribution.md (update with npx vitest run -u)', async () => {
    const file = fileURLToPath(new URL('../../../docs/attribution.md', import.meta.url));
    const page = readFileSync(file, 'utf8');
    const [before, ...rest] = page.split(/^\|[^|]*\| 1\/s, 10 %.*\n(?:\|.*\n)+/m);
    expect(rest).toHaveLength(tables.length);
    const renewed = rest.reduce((text, after, index) => `${text}${tables[index]!.join('\n')}\n${after}`, before!);
    await expect(renewed).toMatchFileSnapshot(file);
  });

  it('are 1 with the tag', () => {
    for (const score of online[0]!.scores) expect([precision(score), recall(score)]).toEqual([1, 1]);
  });

  it('are 1 with an idempotency key, for a program that is run whole', () => {
    for (const score of whole[0]!.scores) expect([precision(score), recall(score)]).toEqual([1, 1]);
  });

  it.each([
    ['calls that the runner starts', online.slice(2)],
    ['a program that is run whole', whole.slice(1)],
  ])('without marks, at moderate overlap: %s', (_name, rows) => {
    const all = pooled(rows, MODERATE);
    expect(all.all).toBeGreaterThan(10_000);
    expect(recall(all)).toBeGreaterThanOrEqual(0.95);
    for (const { scores } of rows) expect(precision(scores[MODERATE]!)).toBeGreaterThanOrEqual(0.99);
    // If waits or queues spread over seconds, other attempts fall in between.
    for (const { scores } of rows) expect(recall(scores[MODERATE]!)).toBeGreaterThanOrEqual(0.9);
  });

  it('precision stays high at any overlap, as ambiguous attempts are not joined', () => {
    for (const { client, scores } of [...online, ...whole]) {
      for (const [load, score] of scores.entries()) {
        expect(precision(score)).toBeGreaterThanOrEqual(0.98);
        const isExact = client.marks === 'tag' || (client.marks === 'key' && recall(score) === 1);
        if (LOADS[load]![1] === 0.5 && !isExact) expect(score.joined).toBeLessThan(score.all);
      }
    }
  });
});
