import type { Check } from './checks.ts';

/** What stands above the table. */
export interface MarkdownHead {
  /** The scenario's name. */
  readonly name: string;
  /** Client, seed, time, length of the run. */
  readonly facts: string;
  /** Why there is no result, or none of the whole run. */
  readonly fault?: string;
}

const MARKS: Readonly<Record<Check['outcome'], string>> = {
  failed: '❌',
  undecided: '❔',
  warned: '⚠️',
  passed: '✅',
  'not-applicable': '➖',
};

/** What is wrong comes first. */
const ORDER: readonly Check['outcome'][] = ['failed', 'undecided', 'warned'];

/** A run as Markdown for a pull request: what fails it, what warns, what to change, and the attempts that prove it. */
export function markdownSummary(head: MarkdownHead, checks: readonly Check[]): string {
  const failing = checks.filter(({ failsRun }) => failsRun);
  const wrong = [...failing, ...checks.filter(({ failsRun }) => !failsRun)].filter(({ outcome }) =>
    ORDER.includes(outcome),
  );
  return [
    `## ${inline(head.name)} ${inline(outcomeOf(head, failing))}`,
    '',
    inline(head.facts),
    ...tableOf(wrong),
    ...proofOf(wrong),
    '',
    ...listOf('passed', checks),
    ...listOf('not-applicable', checks),
    '',
  ].join('\n');
}

function outcomeOf({ fault }: MarkdownHead, failing: readonly Check[]): string {
  if (fault !== undefined) return `❌ did not go its whole way: ${fault}`;
  return failing.length === 0 ? '✅ passed' : `❌ failed: ${failing.map(({ name }) => name).join(', ')}`;
}

function tableOf(checks: readonly Check[]): string[] {
  if (checks.length === 0) return [];
  return [
    '',
    '| | | what was seen | what to change |',
    '|---|---|---|---|',
    ...checks.map(({ name, outcome, failsRun, message, advice }) => {
      const mark = failsRun ? MARKS.failed : outcome === 'failed' ? MARKS.warned : MARKS[outcome];
      const seen = outcome === 'undecided' ? `inconclusive: ${message}` : message;
      return `| ${mark} | \`${cell(name)}\` | ${inline(seen)} | ${inline(advice)} |`;
    }),
  ];
}

function proofOf(checks: readonly Check[]): string[] {
  return checks
    .filter(({ evidence }) => evidence.length > 0)
    .flatMap(({ name, evidence }) => [
      '',
      `<details><summary>${inline(name)}: what proves it</summary>`,
      '',
      ...evidence.map((line) => `- ${inline(line)}`),
      '',
      '</details>',
    ]);
}

function listOf(outcome: 'passed' | 'not-applicable', checks: readonly Check[]): string[] {
  const names = checks.filter((check) => check.outcome === outcome).map(({ name }) => `\`${cell(name)}\``);
  if (names.length === 0) return [];
  return [`${MARKS[outcome]} ${outcome === 'passed' ? 'passed' : 'not applicable'}: ${names.join(', ')}`, ''];
}

/** What a client was answered is shown as it is: it makes no cells, tags or links. */
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
