import type { Check } from './checks.ts';
import { outcomePrefix } from './github.ts';

/** The head of the summary, above the table. */
export interface MarkdownHead {
  /** The scenario's name. */
  readonly name: string;
  /** Client, seed, time, length of the run. */
  readonly facts: string;
  /** Why the run has no result or an incomplete one. */
  readonly error?: string;
}

const MARKS: Readonly<Record<Check['outcome'], string>> = {
  failed: '❌',
  undecided: '❔',
  warned: '⚠️',
  passed: '✅',
  'not-applicable': '➖',
};

/** Problems come first. */
const ORDER: readonly Check['outcome'][] = ['failed', 'undecided', 'warned'];

/** Returns a run as Markdown for a pull request: failures, warnings, what to change, and the evidence. */
export function markdownSummary(head: MarkdownHead, checks: readonly Check[]): string {
  const failing = checks.filter(({ failsRun }) => failsRun);
  const others = checks.filter(({ failsRun, outcome }) => !failsRun && ORDER.includes(outcome));
  const wrong = [...failing, ...others];
  return [
    `## ${inline(head.name)} ${inline(formatOutcome(head, failing))}`,
    '',
    inline(head.facts),
    ...problemTable(wrong),
    ...evidenceLists(wrong),
    '',
    ...nameList('passed', checks),
    ...nameList('not-applicable', checks),
    '',
  ].join('\n');
}

function formatOutcome({ error }: MarkdownHead, failing: readonly Check[]): string {
  if (error !== undefined) return `❌ incomplete: ${error}`;
  return failing.length === 0 ? '✅ passed' : `❌ failed: ${failing.map(({ name }) => name).join(', ')}`;
}

function problemTable(checks: readonly Check[]): string[] {
  if (checks.length === 0) return [];
  return [
    '',
    '| | | observed | what to change |',
    '|---|---|---|---|',
    ...checks.map(({ name, outcome, failsRun, message, advice }) => {
      const mark = failsRun ? MARKS.failed : outcome === 'failed' ? MARKS.warned : MARKS[outcome];
      const observed = `${outcomePrefix(outcome)}${message}`;
      return `| ${mark} | \`${cell(name)}\` | ${inline(observed)} | ${inline(advice)} |`;
    }),
  ];
}

function evidenceLists(checks: readonly Check[]): string[] {
  return checks
    .filter(({ evidence }) => evidence.length > 0)
    .flatMap(({ name, evidence }) => [
      '',
      `<details><summary>${inline(name)}: evidence</summary>`,
      '',
      ...evidence.map((line) => `- ${inline(line)}`),
      '',
      '</details>',
    ]);
}

function nameList(outcome: 'passed' | 'not-applicable', checks: readonly Check[]): string[] {
  const names = checks
    .filter((check) => check.outcome === outcome && !check.failsRun)
    .map(({ name }) => `\`${cell(name)}\``);
  if (names.length === 0) return [];
  return [`${MARKS[outcome]} ${outcome === 'passed' ? 'passed' : 'not applicable'}: ${names.join(', ')}`, ''];
}

/** Escapes text from replies and clients, so that it creates no cells, tags or links. */
function inline(text: string): string {
  return cell(
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replace(/[\\`*_[\]]/g, '\\$&'),
  );
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/[\r\n]+/g, ' ');
}
