/** Prints how far the presets are from the clients that they stand for, and writes it to docs/; `npm run truth`. */
import { writeFileSync } from 'node:fs';
import { percent, round } from '../src/report/format.ts';
import { PRESETS } from '../src/retry/presets.ts';
import { type Alarms, CLIENTS, type Figures, LOADS, type Truth, truthOf } from '../test/truth/truth.ts';

const HEAD = `# Models and the clients they stand for

\`quotalab plan\` and \`quotalab sweep\` run a model of a client, which takes milliseconds for an hour. Here each model is
held against the client itself, its own code unmodified, in virtual time: five requests a second, and four loads. Where
the two are equal the model made every attempt at the same millisecond. The [verdicts](verdicts.md) are those that fail, and in
brackets those that warn: of the client's own code, with its defaults, as it is today. \`npm run truth\` prints this page anew.

| client | load | calls | attempts | success | p(95) | difference | verdicts |
|---|---|---|---|---|---|---|---|
`;

const both = (real: string, model: string): string => (real === model ? real : `${real}, model ${model}`);
const ms = (value: number): string => `${round(value / 1000)} s`;

/** Failed, and in brackets warned. */
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
page += '\n## Where the numbers are from\n\n| preset | what it does | source | version |\n|---|---|---|---|\n';
for (const { name, about, source, version, differs } of PRESETS) {
  page += `| ${name} | ${about}${differs === undefined ? '' : `. ${differs}`} | ${source} | ${version} |\n`;
}
writeFileSync(new URL('../docs/models.md', import.meta.url), page);
process.stdout.write(page);
