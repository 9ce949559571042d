import { create } from 'xmlbuilder2';
import type { Check } from './checks.ts';

/** The attributes of the test suite. */
export interface JunitSuite {
  /** The name of the scenario. */
  readonly name: string;
  /** Start of the run, ISO 8601. */
  readonly startedAt: string;
  /** Duration on the clock of the run. */
  readonly durationUs: number;
  readonly properties: Readonly<Record<string, string>>;
}

/** Why the run has no result or an incomplete one: the tool or the client failed, or the user interrupted. */
export interface JunitError {
  /** The error code, e.g. `client/exited`. */
  readonly code: string;
  readonly message: string;
  readonly text: string;
}

/** The element inside a test case that did not simply pass. */
interface CaseResult {
  readonly tag: 'failure' | 'error' | 'skipped' | 'system-out';
  readonly message?: string;
  readonly type?: string;
  readonly text?: string;
}

interface TestCase {
  readonly classname: string;
  readonly name: string;
  readonly result: CaseResult | undefined;
}

/**
 * Returns a run as JUnit XML that the Jenkins schema (junit-10.xsd) and GitLab accept: a test case per verdict and threshold,
 * and one for an error. A test fails if the check alone fails the run. A warning passes, with text. A check that does not
 * apply or is inconclusive is skipped. Characters that XML 1.0 forbids are removed.
 */
export function junitXml(suite: JunitSuite, checks: readonly Check[], error?: JunitError): string {
  const cases = [...checks.map(testCase), ...(error ? [errorTestCase(error)] : [])];
  const count = (tag: CaseResult['tag']): string => String(cases.filter(({ result }) => result?.tag === tag).length);
  const seconds = (suite.durationUs / 1e6).toFixed(3);
  const counts = { tests: String(cases.length), failures: count('failure'), errors: count('error') };
  const document = create({ version: '1.0', encoding: 'UTF-8', invalidCharReplacement: '' });
  // No `skipped` here: the Jenkins schema allows it only on the suite.
  const root = document.ele('testsuites', { name: 'quotalab', ...counts, time: seconds });
  const element = root.ele('testsuite', {
    name: suite.name,
    ...counts,
    skipped: count('skipped'),
    time: seconds,
    // The schema of Ant's reports allows neither fractions nor a time zone.
    timestamp: suite.startedAt.slice(0, 19),
  });
  const properties = Object.entries(suite.properties);
  if (properties.length > 0) {
    const list = element.ele('properties');
    for (const [name, value] of properties) list.ele('property', { name, value });
  }
  for (const { classname, name, result } of cases) {
    const child = element.ele('testcase', { classname, name, time: '0' });
    if (!result) continue;
    const { tag, text = '', ...attributes } = result;
    const inner = child.ele(tag, attributes);
    if (text !== '') inner.txt(text);
  }
  return `${document.end({ prettyPrint: true })}\n`;
}

function testCase(check: Check): TestCase {
  const result = caseResult(check);
  return { classname: `quotalab.${check.kind}s`, name: check.name, result };
}

/** Types of failures of checks that the scenario requires and that were not decided. */
const MISSING: Readonly<Partial<Record<Check['outcome'], string>>> = {
  undecided: 'inconclusive',
  'not-applicable': 'not-applicable',
};

function caseResult(check: Check): CaseResult | undefined {
  const { outcome, message } = check;
  if (check.failsRun) {
    return {
      tag: 'failure',
      message,
      type: MISSING[outcome] ?? check.kind,
      text: detailText(check),
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
      return { tag: 'system-out', text: `${message}\n${detailText(check)}` };
  }
}

/** Returns the evidence, then what to change. */
function detailText({ evidence, advice }: Check): string {
  return [...evidence, ...(advice === '' ? [] : [`→ ${advice}`])].map((line) => `${line}\n`).join('');
}

function errorTestCase({ code, message, text }: JunitError): TestCase {
  return { classname: 'quotalab', name: 'the run itself', result: { tag: 'error', message, type: code, text } };
}
