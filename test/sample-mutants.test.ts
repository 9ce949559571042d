import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { randomFor } from '../mock-server/random.ts';
import {
  confidenceInterval,
  drawMutants,
  type MutationReport,
  scoreSample,
  toRange,
} from '../scripts/sample-mutants.ts';
import config from '../stryker.config.json' with { type: 'json' };
import mutation from '../vitest.mutation.config.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const draw = (count: number, seed: number) =>
  drawMutants(root, ['mock-server/limiter/exact.ts'], count, randomFor(seed, 'sample'));

it('draws different mutants with each seed, the same with the same, each of them once', async () => {
  const { drawn, total } = await draw(10, 1);
  expect(drawn).toHaveLength(10);
  expect(total).toBeGreaterThan(20);
  expect(new Set(drawn.map((one) => JSON.stringify(one))).size).toBe(10);
  expect((await draw(10, 1)).drawn).toEqual(drawn);
  expect((await draw(10, 2)).drawn).not.toEqual(drawn);
  expect((await draw(1000, 1)).drawn.length).toBeLessThanOrEqual(total);
});

it('finds each drawn mutant in a report, and counts only those', async () => {
  const { drawn } = await draw(4, 1);
  const [killed, survived, uncovered] = drawn;
  const inReport = ({ file: _file, start, end, ...mutant }: (typeof drawn)[number], status: string) => ({
    ...mutant,
    status,
    location: { start, end },
  });
  const mutants = [inReport(killed!, 'Timeout'), inReport(survived!, 'Survived'), inReport(uncovered!, 'NoCoverage')];
  const other = { ...inReport(killed!, 'Survived'), replacement: 'another' };
  const report: MutationReport = { files: { 'mock-server/limiter/exact.ts': { mutants: [other, ...mutants] } } };
  expect(scoreSample(drawn, report)).toEqual({
    noticed: 1,
    timedOut: 1,
    survived: [survived, uncovered],
    ignored: 0,
    missing: 1,
  });
  expect(toRange(killed!)).toMatch(/^mock-server\/limiter\/exact\.ts:\d+:\d+-\d+:\d+$/);
});

it('the interval of 270 in 300 is 86.1 to 92.9 %', () => {
  expect(confidenceInterval(270, 300).map((share) => Math.round(1000 * share) / 10)).toEqual([86.1, 92.9]);
});

it('the tests that run against each mutant read nothing that its copy lacks', () => {
  const { include = [], exclude = [] } = mutation.test ?? {};
  const leftOut = exclude.flatMap((pattern) => globSync(pattern, { cwd: root }));
  const files = include
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .filter((file) => !leftOut.includes(file));
  expect(files.length).toBeGreaterThan(50);
  expect(leftOut).toHaveLength(exclude.length);
  const lacking = files.filter((file) => {
    const read = [...readFileSync(`${root}${file}`, 'utf8').matchAll(/'(?:\.\.\/)+([\w.-]+)\//g)];
    return read.some(([, folder]) => config.ignorePatterns.includes(folder!));
  });
  expect(lacking).toEqual([]);
});
