/** Generates docs/models.md: how the presets differ from the clients that they model; `npm run models`. */
import { writeFileSync } from 'node:fs';
import { percent, round } from '../src/report/format.ts';
import { PRESETS } from '../src/retry/presets.ts';
import { type Alarms, CLIENTS, type Figures, LOADS, type Truth, truthOf } from '../test/truth/truth.ts';

const HEAD = `# Models and the clients they stand for

\`quotalab plan\` and \`quotalab sweep\` run a model of a client, which simulates an hour in milliseconds. Here each model is
compared with the unmodified client in virtual time, under four loads against a limit of 5 requests per second. If the difference
is \`none\`, the model made every attempt at the same millisecond. The [verdicts](verdicts.md) are those that fail and, in brackets,
those that warn, for the client with its current defaults. \`npm run models\` regenerates this page.

| client | load | calls | attempts | success | p(95) | difference | verdicts |
|---|---|---|---|---|---|---|---|
`;

const both = (real: string, model: string): string => (real === model ? real : `${real}, model ${model}`);
const ms = (value: number): string => `${round(value / 1000)} s`;

/** Lists failed verdicts, and warnings in brackets. */
function namesOf({ failed, warned }: Alarms): string {
  return [...failed, ...warned.map((id) => `(${id})`)].join(', ') || 'none';
}

function rowOf({ client, load, real, model, difference, alarms }: Truth): string {
  const figure = (show: (figures: Figures) => string): string => both(show(real), show(model));
  const cells = [
    client,
    load,
    figure(({ calls }) => String(calls)),
    figure(({ attempts }) => String(attempts)),
    figure(({ success }) => percent(success)),
    figure(({ p95Ms }) => ms(p95Ms)),
    difference === 0 ? 'none' : percent(difference),
    both(namesOf(alarms.real), namesOf(alarms.model)),
  ];
  return `| ${cells.join(' | ')} |\n`;
}

let page = HEAD;
for (const client of CLIENTS) {
  for (const load of Object.keys(LOADS) as (keyof typeof LOADS)[])
    page += rowOf(await truthOf(client, load, 'duration'));
}
page += '\n## Sources\n\n| preset | what it does | source | version |\n|---|---|---|---|\n';
for (const { name, about, source, version, differs } of PRESETS) {
  page += `| ${name} | ${about}${differs === undefined ? '' : `. ${differs}`} | ${source} | ${version} |\n`;
}
writeFileSync(new URL('../docs/models.md', import.meta.url), page);
process.stdout.write(page);
