import { JUDGED } from './expectations.ts';
import { EXPLAINED } from './explained.ts';
import { type Row, type Share, type Shown, shareOf, tally } from './tally.ts';

/** The section of docs/verdicts.md on drawn clients, in Markdown: one row per verdict, then two mistakes at once, then misses. */
export function truthPage(code: readonly Shown[], models: readonly Shown[]): string {
  const rows = tally(code);
  const total = { found: sum(rows, 'found'), accused: sum(rows, 'accused') };
  const asModels = tally(models);
  return `## Clients drawn at random

${count(code.length)} clients whose faults are known, because they were put there: how each waits, reads Retry-After, repeats, queues,
hedges, gives up and handles streams is drawn at random, and its code is run in virtual time against a provider and a load that are
drawn as well. A quarter has no mistake, half have one, a quarter two. *Found*: how often a verdict warned or failed when the client
has the fault and the journal shows that its situation arose. *Accused*: how often it did so for a client without the fault. Cases in
which neither is certain are not counted. Intervals are of 90 %. \`npm run truth -- ${code.length}\` runs them again.

| verdict | found | of | interval | accused | of | interval | spoke instead |
|---|---|---|---|---|---|---|---|
${rows.map(rowText).join('\n')}
| **all** | ${shareText(total.found)} | ${shareText(total.accused)} | |

${modelsText(models, asModels)}${pairsText(code)}
${missesText(rows)}`;
}

function rowText({ id, found, accused, instead }: Row): string {
  const names = instead.slice(0, 3).map(([other, times]) => `${other} (${times})`);
  return `| ${id} | ${shareText(found)} | ${shareText(accused)} | ${names.join(', ')} |`;
}

function shareText({ count: hits, of, interval }: Share): string {
  if (!interval) return '– | 0 | ';
  return `${percent(hits / of)} | ${of} | ${percent(interval.low)}–${percent(interval.high)}`;
}

function sum(rows: readonly Row[], which: 'found' | 'accused'): Share {
  const add = (key: 'count' | 'of'): number => rows.reduce((all, row) => all + row[which][key], 0);
  return shareOf(add('count'), add('of'));
}

function modelsText(models: readonly Shown[], rows: readonly Row[]): string {
  const [found, accused] = [sum(rows, 'found'), sum(rows, 'accused')];
  return `${count(models.length)} of these clients can be expressed as a [model](models.md). On the models, ${percent(found.count / found.of)} of
${count(found.of)} faults were found, and ${percent(accused.count / accused.of)} of ${count(accused.of)} clients without a fault accused.

`;
}

/** Two mistakes at once: how often every verdict that ought to speak did, and none that ought not. */
function pairsText(code: readonly Shown[]): string {
  const pairs = code.filter(({ drawn, expected }) => {
    return drawn.mistakes.length === 2 && JUDGED.filter((id) => expected[id] === 'fault').length >= 2;
  });
  const right = pairs.filter(({ expected, spoke }) =>
    JUDGED.every((id) => expected[id] === 'open' || (expected[id] === 'fault') === spoke.includes(id)),
  );
  return `Two mistakes at once: in ${count(right.length)} of ${count(pairs.length)} clients with two mistakes that showed, every verdict on them spoke,
and no other one did (${percent(right.length / pairs.length)}).
`;
}

function missesText(rows: readonly Row[]): string {
  const wrong = rows.flatMap(({ id, missed, accusedCases }) => [
    ...missed.map((shown) => ({ id, what: 'missed', shown })),
    ...accusedCases.map((shown) => ({ id, what: 'accused', shown })),
  ]);
  if (wrong.length === 0) return '';
  const groups = Map.groupBy(wrong, ({ id, what }) => `${id}, ${what}`);
  const lines = [...groups].map(([name, list]) => {
    const seeds = list.map(({ shown }) => shown.drawn.seed).join(', ');
    const why = EXPLAINED[name] ?? 'not explained yet';
    return `- **${name}** (${list.length}): ${why} Seeds ${seeds}.`;
  });
  return `What is left, and why:\n\n${lines.join('\n')}\n`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.01 ? 2 : 1)} %`;
}

function count(n: number): string {
  return n.toLocaleString('en-US');
}
