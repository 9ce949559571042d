import { create } from 'xmlbuilder2';
import type { Check } from './checks.ts';

/** What a test suite says of itself. */
export interface JunitSuite {
  /** The scenario's. */
  readonly name: string;
  /** When it began, as ISO 8601 has it. */
  readonly startedAt: string;
  /** How long the run took on its own clock. */
  readonly durationUs: number;
  readonly properties: Readonly<Record<string, string>>;
}

/** Why there is no result, or none of the whole run: the tool or the client failed, or somebody interrupted. */
export interface JunitFault {
  /** The stable code of an error, e.g. `client/exited`. */
  readonly code: string;
  readonly message: string;
  readonly text: string;
}

/** The tag inside a test case that did not simply pass. */
interface Told {
  readonly tag: 'failure' | 'error' | 'skipped' | 'system-out';
  readonly message?: string;
  readonly type?: string;
  readonly text?: string;
}

interface TestCase {
  readonly classname: string;
  readonly name: string;
  readonly told?: Told;
}

/**
 * A run as JUnit XML that Jenkins' schema (junit-10.xsd), GitLab and their kin take: a test case for each verdict and
 * threshold, and one for a fault. A test fails where it alone fails the run; what only warns passes, with words; what never
 * arose or could not be decided is skipped. Characters that XML 1.0 forbids are left out.
 */
export function junitXml(suite: JunitSuite, checks: readonly Check[], fault?: JunitFault): string {
  const cases = [...checks.map(caseOf), ...(fault ? [caseOfFault(fault)] : [])];
  const count = (tag: Told['tag']): string => String(cases.filter(({ told }) => told?.tag === tag).length);
  const seconds = (suite.durationUs / 1e6).toFixed(3);
  const counts = { tests: String(cases.length), failures: count('failure'), errors: count('error') };
  const document = create({ version: '1.0', encoding: 'UTF-8', invalidCharReplacement: '' });
  // No `skipped` here: Jenkins' schema has it on the suite alone.
  const root = document.ele('testsuites', { name: 'quotalab', ...counts, time: seconds });
  const element = root.ele('testsuite', {
    name: suite.name,
    ...counts,
    skipped: count('skipped'),
    time: seconds,
    // The schema of Ant's reports takes neither fractions nor a zone.
    timestamp: suite.startedAt.slice(0, 19),
  });
  const properties = Object.entries(suite.properties);
  if (properties.length > 0) {
    const list = element.ele('properties');
    for (const [name, value] of properties) list.ele('property', { name, value });
  }
  for (const { classname, name, told } of cases) {
    const one = element.ele('testcase', { classname, name, time: '0' });
    if (!told) continue;
    const { tag, text = '', ...attributes } = told;
    const inner = one.ele(tag, attributes);
    if (text !== '') inner.txt(text);
  }
  return `${document.end({ prettyPrint: true })}\n`;
}

function caseOf(check: Check): TestCase {
  const told = toldOf(check);
  return { classname: `quotalab.${check.kind}s`, name: check.name, ...(told && { told }) };
}

function toldOf(check: Check): Told | undefined {
  const { outcome, message } = check;
  if (check.failsRun) {
    return {
      tag: 'failure',
      message,
      type: outcome === 'undecided' ? 'inconclusive' : check.kind,
      text: textOf(check),
    };
  }
  switch (outcome) {
    case 'passed':
      return undefined;
    case 'undecided':
      return { tag: 'skipped', message: `inconclusive: ${message}` };
    case 'not-applicable':
      return { tag: 'skipped', message: `not applicable: ${message}` };
    default:
      return { tag: 'system-out', text: `${message}\n${textOf(check)}` };
  }
}

/** The attempts that prove it, then what to change. */
function textOf({ evidence, advice }: Check): string {
  return [...evidence, ...(advice === '' ? [] : [`→ ${advice}`])].map((line) => `${line}\n`).join('');
}

function caseOfFault({ code, message, text }: JunitFault): TestCase {
  return { classname: 'quotalab', name: 'the run itself', told: { tag: 'error', message, type: code, text } };
}
