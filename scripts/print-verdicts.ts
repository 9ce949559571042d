/** Prints every verdict with its settings, and what known clients are told; writes it to docs/; `npm run verdicts`. */
import { writeFileSync } from 'node:fs';
import { formatDuration } from '../mock-server/duration.ts';
import { JUDGES } from '../src/analysis/judging/judge-run.ts';
import { falseAlarms, INNOCENTS } from '../test/known-clients/false-alarms.ts';
import { alarmsOf, judge, LOADS, POLICIES, scenarioOf } from '../test/known-clients/known-clients.ts';

const SEEDS = 1000;

const HEAD = `# Verdicts

Each verdict looks for one fault of a client, and shows the attempts that prove it. A scenario says how much each counts, and
may change its bounds:

\`\`\`yaml
verdicts:
  ignores-retry-after: error        # fails the run (exit 99)
  over-waits: off                   # is not computed
  amplifies-load: { severity: error, warn: 1.5, fail: 2 }
  no-deadline: { timeout: 30s }
\`\`\`

\`pass\`, \`warn\` and \`fail\` are what they say. \`inconclusive\`: the situation arose, and too little of it was seen to be sure;
of severity \`error\` that fails a run too, unless \`--allow-inconclusive\` is given. \`not-applicable\`: it never arose. What rests on
chance (marked ≈) only warns in one run, and fails where a second seed agrees. \`quotalab run\` asks the next seed by itself where one of
severity \`error\` would fail (\`--no-confirm\`); \`--seeds 2\` asks it of all.

| verdict | question | counts as | bounds |
|---|---|---|---|
`;

function shown(value: unknown, form: string): string {
  if (Array.isArray(value)) return '`[]`';
  if (typeof value !== 'number') return value === '' ? 'none' : `\`${String(value)}\``;
  if (form.startsWith('a duration')) return value === Infinity ? 'none' : `\`${formatDuration(value)}\``;
  return form.startsWith('a share') ? `\`${value * 100}%\`` : `\`${value}\``;
}

let page = HEAD;
for (const { id, question, defaultSeverity, statistical, settings } of JUDGES) {
  const names = Object.entries(settings).map(
    ([name, { about, form, value }]) => `\`${name}\` ${shown(value, form)}: ${about}`,
  );
  page += `| ${id}${statistical ? ' ≈' : ''} | ${question} | ${defaultSeverity} | ${names.join('<br>') || 'none'} |\n`;
}

page += `
## Known clients

Described clients, bad and good on purpose, under four loads on five requests a second; what fails is **bold**, what warns is
not. \`test/known-clients\` holds this table. [How real clients compare with their descriptions](models.md) is another.

| client | ${Object.keys(LOADS).join(' | ')} |
|---|${Object.keys(LOADS)
  .map(() => '---|')
  .join('')}
`;
const scenarios = await Promise.all(Object.keys(LOADS).map(scenarioOf));
for (const [policy, model] of Object.entries(POLICIES)) {
  const cells = scenarios.map((scenario) => {
    const { failed, warned } = alarmsOf(judge(scenario, model, 1));
    return [...failed.map((id) => `**${id}**`), ...warned].join('<br>') || 'nothing';
  });
  page += `| ${policy} | ${cells.join(' | ')} |\n`;
}

page += `
## False alarms

How often a verdict complained of a client that has not its fault, over ${SEEDS.toLocaleString('en-US')} seeds of ${INNOCENTS.length} pairs of client and load;
verdicts that were never decided there are left out.

| verdict | decided | false alarms |
|---|---|---|
`;
for (const [id, { alarms, decided }] of await falseAlarms(SEEDS)) {
  if (decided > 0) page += `| ${id} | ${decided} | ${alarms} (${((alarms / decided) * 100).toFixed(2)} %) |\n`;
}
writeFileSync(new URL('../docs/verdicts.md', import.meta.url), page);
process.stdout.write(page);
