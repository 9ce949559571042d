/**
 * Measures the verdicts on clients drawn at random and writes the table into docs/verdicts.md; `npm run truth [-- CASES]`. The
 * same number of cases gives the same table.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { drawCase } from '../test/truth/drawn/draw-case.ts';
import { runCase, runModelCase } from '../test/truth/drawn/run-case.ts';
import { type Shown, shownBy } from '../test/truth/drawn/tally.ts';
import { truthPage } from '../test/truth/drawn/truth-page.ts';
import { replaceSection } from './marked-section.ts';

const cases = Number(process.argv[2] ?? 2000);

/** What each case showed as code, and where it can be expressed, as a model. */
const code: Shown[] = [];
const models: Shown[] = [];

async function showNext(seeds: Iterator<number>): Promise<void> {
  for (let next = seeds.next(); !next.done; next = seeds.next()) {
    const drawn = drawCase(next.value);
    code.push(shownBy(await runCase(drawn)));
    const model = await runModelCase(drawn);
    if (model) models.push(shownBy(model));
    if (code.length % 50 === 0) process.stderr.write(`${code.length} of ${cases}\n`);
  }
}

const seeds = Array.from({ length: cases }, (_, index) => index + 1).values();
await Promise.all(Array.from({ length: availableParallelism() }, () => showNext(seeds)));

const bySeed = (a: Shown, b: Shown): number => a.drawn.seed - b.drawn.seed;
const section = truthPage(code.sort(bySeed), models.sort(bySeed));
const file = new URL('../docs/verdicts.md', import.meta.url);
writeFileSync(file, replaceSection(readFileSync(file, 'utf8'), 'truth', section));
process.stdout.write(section);
process.exit(0);
