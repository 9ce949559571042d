/**
 * Generates docs/verdicts.md: all verdicts with their settings, and the verdicts on known clients; `npm run verdicts`. Fails if a
 * verdict has false alarms in more than 1 % of the seeds of a client and load, of which the test suite tries a sample.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { formatDuration } from '../mock-server/duration.ts';
import { JUDGES } from '../src/analysis/judging/judge-run.ts';
import { countFalseAlarms, FALSE_ALARM_CASES, findExceeding } from '../test/known-clients/false-alarms.ts';
import { failedAndWarned, judge, KNOWN_CLIENTS, LOADS, loadScenarioFor } from '../test/known-clients/known-clients.ts';
import { herdCalibration } from './herd-calibration.ts';
import { sectionsOf } from './marked-section.ts';

const SEEDS = 1000;
const HERD_SEEDS = 2000;

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

A verdict is \`pass\`, \`warn\`, \`fail\`, \`inconclusive\` or \`not-applicable\`. \`not-applicable\`: the situation did not occur.
\`inconclusive\`: it occurred, but could not be decided; the figure and the evidence found so far are shown. A verdict that the
scenario sets to \`error\` must be decided: otherwise the run fails (exit 99) and says which change makes the situation arise
(\`--allow-inconclusive\` lets it pass). A verdict that is \`error\` by default only fails if it fails.

How much is proof depends on the verdict. By instance: in virtual time and in models one clear case fails, elsewhere two, or a tenth
of the cases if that is more. By share: in virtual time and in models the share itself is compared with the bounds, elsewhere its
interval must lie beyond the bound to fail. By chance (marked ≈): a single run only warns; a second seed that agrees makes it fail.
\`quotalab run\` runs the next seed automatically if a verdict of severity \`error\` would fail (disable with \`--no-confirm\`);
\`--seeds 2\` always runs it.

Where calls belong to a job, \`unbounded-retries\` and \`layered-retries\` look at the job: calls whose \`call.job\` is the same, whose
requests name it in the header \`x-quotalab-job\`, whose result or error has it as \`job\`, or that send the idempotency key of an
earlier call that failed. A job ends when one of its calls succeeds; a restart does not end it.

A client may wait differently after refusals, overload, resets or rejections. \`no-jitter\` and \`fixed-interval\` judge each
separately and report the worst result.

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
## How synchronised-herd tells a herd from chance

Calls that were refused within a short time of each other (D, chained by at most a tenth of their median wait, 20 ms to 1 s) form
a cohort. They return in step if at least 80 % of them return within one such window, or after equal waits, or equally long after
what each was told. A herd keeps its shape, so D makes no difference. How often chance alone puts a cohort in step, over ${HERD_SEEDS.toLocaleString('en-US')}
seeds:

${herdCalibration(HERD_SEEDS)}
A cohort in step is a herd if at least three times as many return as the quota can admit meanwhile. One herd of fewer than 20 warns.

## False alarms

How often a verdict warned or failed for a client without that defect, over ${SEEDS.toLocaleString('en-US')} seeds of ${FALSE_ALARM_CASES.length} pairs of client and load;
verdicts that were never decided are omitted.

| verdict | decided | false alarms |
|---|---|---|
`;
const counted = await Promise.all(FALSE_ALARM_CASES.map((testCase) => countFalseAlarms(SEEDS, [testCase])));
for (const { id } of JUDGES) {
  const decided = counted.reduce((sum, counts) => sum + counts.get(id)!.decided, 0);
  const alarms = counted.reduce((sum, counts) => sum + counts.get(id)!.alarms, 0);
  if (decided > 0) page += `| ${id} | ${decided} | ${alarms} (${((alarms / decided) * 100).toFixed(2)} %) |\n`;
}
const file = new URL('../docs/verdicts.md', import.meta.url);
// Sections of other scripts stay.
page += sectionsOf(readFileSync(file, 'utf8'));
writeFileSync(file, page);
process.stdout.write(page);
const exceeding = counted.flatMap((counts) => findExceeding(counts, SEEDS));
if (exceeding.length > 0) {
  process.stderr.write(`too many false alarms: ${exceeding.join(', ')}\n`);
  process.exitCode = 1;
}
