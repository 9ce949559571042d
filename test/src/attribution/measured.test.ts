import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Behaviour, CLIENTS, type Score, scoreInferred, scoreOnline, trafficOf } from './simulated.ts';

/** Calls a second, and the share of calls that ask the same as others do. */
const LOADS = [
  [1, 0.1],
  [5, 0],
  [5, 0.1],
  [5, 0.5],
  [20, 0.1],
] as const;
/** Overlap as a test of retries has it: most calls are open with ten others, one in ten asks what another asks. */
const MODERATE = 2;

const { tagged, keyed, ...unmarked } = CLIENTS;

interface Row {
  readonly client: Behaviour;
  readonly scores: readonly Score[];
}

function measure(clients: readonly Behaviour[], score: typeof scoreOnline): Row[] {
  return clients.map((client) => ({
    client,
    scores: LOADS.map(([rate, common]) => score(trafficOf(client, rate, common, 1))),
  }));
}

const online = measure([tagged, keyed, ...Object.values(unmarked)], scoreOnline);
const whole = measure([keyed, ...Object.values(unmarked)], scoreInferred);

const precision = ({ right, joined }: Score): number => right / joined;
const recall = ({ right, all }: Score): number => right / all;

/** Cut, not rounded: 1.000 is all of them. */
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

describe('precision and recall on clients whose truth is known', () => {
  it('prints them', () => {
    console.log(
      `precision / recall, by calls a second and the share that asks the same\n\n${tables.map((one) => one.join('\n')).join('\n\n')}\n`,
    );
    expect(tables.flat()).toHaveLength(2 * 2 + online.length + whole.length);
  });

  it('the page shows what was measured', () => {
    const page = readFileSync(new URL('../../../docs/attribution.md', import.meta.url), 'utf8');
    for (const line of tables.flat()) expect(page).toContain(line);
  });

  it('with the tag, all of them', () => {
    for (const score of online[0]!.scores) expect([precision(score), recall(score)]).toEqual([1, 1]);
  });

  it('with an idempotency key, all of a program that is run whole', () => {
    for (const score of whole[0]!.scores) expect([precision(score), recall(score)]).toEqual([1, 1]);
  });

  it.each([
    ['calls that the runner starts', online.slice(2)],
    ['a program that is run whole', whole.slice(1)],
  ])('by fingerprint at moderate overlap: %s', (_name, rows) => {
    const all = pooled(rows, MODERATE);
    expect(all.all).toBeGreaterThan(10_000);
    expect(recall(all)).toBeGreaterThanOrEqual(0.95);
    for (const { scores } of rows) expect(precision(scores[MODERATE]!)).toBeGreaterThanOrEqual(0.99);
    // Where a wait or a queue is spread over seconds, others come in them.
    for (const { scores } of rows) expect(recall(scores[MODERATE]!)).toBeGreaterThanOrEqual(0.9);
  });

  it('nothing is guessed where it cannot be known: many are joined to nothing, and those that are joined are right', () => {
    for (const { client, scores } of [...online, ...whole]) {
      for (const [load, score] of scores.entries()) {
        expect(precision(score)).toBeGreaterThanOrEqual(0.98);
        const isExact = client.marks === 'tag' || (client.marks === 'key' && recall(score) === 1);
        if (LOADS[load]![1] === 0.5 && !isExact) expect(score.joined).toBeLessThan(score.all);
      }
    }
  });
});
