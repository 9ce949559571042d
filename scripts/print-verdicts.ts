/**
 * Generates docs/verdicts.md: all verdicts with their settings, and the verdicts on known clients; `npm run
 * verdicts`.
 */
import { writeFileSync } from 'node:fs';
import { formatDuration } from '../mock-server/duration.ts';
import { JUDGES } from '../src/analysis/judging/judge-run.ts';
import { countFalseAlarms, FALSE_ALARM_CASES } from '../test/known-clients/false-alarms.ts';
import { failedAndWarned, judge, KNOWN_CLIENTS, LOADS, loadScenarioFor } from '../test/known-clients/known-clients.ts';

const SEEDS = 1000;

const HEAD = `# Verdicts

Each verdict checks for one defect of a client and shows the attempts that prove it. A scenario sets the severity of each
verdict and may change its bounds:

\`\`\`yaml
verdicts:
  ignores-retry-after: error        # fails the run (exit 99)
  over-waits: off                   # not computed
  amplifies-load: { severity: error, warn: 1.5, fail: 2 }
  no-deadline: { timeout: 30s }
\`\`\`

A verdict is \`pass\`, \`warn\`, \`fail\`, \`inconclusive\` or \`not-applicable\`. \`inconclusive\`: the situation occurred too rarely to
decide; with severity \`error\` this also fails the run, unless \`--allow-inconclusive\` is set. \`not-applicable\`: the situation did
not occur. Statistical verdicts (marked ≈) only warn in a single run; they fail if a second seed confirms them. \`quotalab run\` runs
the next seed automatically if a verdict of severity \`error\` would fail (disable with \`--no-confirm\`); \`--seeds 2\` always runs it.

A client may wait differently after refusals and after server errors. \`no-jitter\` and \`fixed-interval\` judge each separately and
report the worse result.

| verdict | question | counts as | bounds |
|---|---|---|---|
`;

function formatBound(value: unknown, form: string): string {
  if (Array.isArray(value)) return '`[]`';
  if (typeof value !== 'number') return value === '' ? 'none' : `\`${String(value)}\``;
  if (form.startsWith('a duration')) return value === Infinity ? 'none' : `\`${formatDuration(value)}\``;
  return form.startsWith('a share') ? `\`${value * 100}%\`` : `\`${value}\``;
}

let page = HEAD;
for (const { id, question, defaultSeverity, decidedBy, settings } of JUDGES) {
  const names = Object.entries(settings).map(
    ([name, { description, form, value }]) => `\`${name}\` ${formatBound(value, form)}: ${description}`,
  );
  page += `| ${id}${decidedBy === 'chance' ? ' ≈' : ''} | ${question} | ${defaultSeverity} | ${names.join('<br>') || 'none'} |\n`;
}

page += `
## Known clients

Modelled clients, deliberately good and bad, under four loads against a limit of 5 requests per second. **Bold** verdicts fail;
the others warn. \`test/known-clients\` tests this table. [Models and the clients they stand for](models.md) compares models with
real clients.

| client | ${Object.keys(LOADS).join(' | ')} |
|---|${Object.keys(LOADS)
  .map(() => '---|')
  .join('')}
`;
const scenarios = await Promise.all(Object.keys(LOADS).map(loadScenarioFor));
for (const [policy, model] of Object.entries(KNOWN_CLIENTS)) {
  const cells = scenarios.map((scenario) => {
    const { failed, warned } = failedAndWarned(judge(scenario, model, 1));
    return [...failed.map((id) => `**${id}**`), ...warned].join('<br>') || 'nothing';
  });
  page += `| ${policy} | ${cells.join(' | ')} |\n`;
}

page += `
## False alarms

How often a verdict warned or failed for a client without that defect, over ${SEEDS.toLocaleString('en-US')} seeds of ${FALSE_ALARM_CASES.length} pairs of client and load;
verdicts that were never decided are omitted.

| verdict | decided | false alarms |
|---|---|---|
`;
for (const [id, { alarms, decided }] of await countFalseAlarms(SEEDS)) {
  if (decided > 0) page += `| ${id} | ${decided} | ${alarms} (${((alarms / decided) * 100).toFixed(2)} %) |\n`;
}
writeFileSync(new URL('../docs/verdicts.md', import.meta.url), page);
process.stdout.write(page);
