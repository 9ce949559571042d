/** Holds the table of CONTRIBUTING.md: each of these parts is one file and one line, and a forgotten fact is a type error. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const copy = join(root, '.tmp/contributing');

interface Part {
  /** The new file; undefined for a part that is an entry of an existing table. */
  readonly file?: string;
  readonly source: string;
  /** The table, and what its new entry follows; the import of `file` is added as well. */
  readonly table: string;
  readonly after: string;
  readonly entry: string;
  /** A required property, on a line of its own in `source`. */
  readonly fact: string;
}

const PARTS: Readonly<Record<string, Part>> = {
  limiter: {
    file: 'mock-server/limiter/dummy-limiter.ts',
    source: `
import { type Algorithm } from './algorithm.ts';
import { admitted } from './decision.ts';
import { type LimiterFields } from './fields.ts';

interface DummySpec {
  readonly algorithm: 'dummy-limiter';
  readonly amount: number;
}

const settings = ({ z }: LimiterFields) => ({ algorithm: z.literal('dummy-limiter').describe('Admits everything.'), amount: z.number() });

export const dummyLimiter: Algorithm<DummySpec, ReturnType<typeof settings>> = {
  settings,
  toSpec: ({ algorithm, amount }) => ({ algorithm, amount }),
  toSettings: (spec) => ({ ...spec }),
  parseSize: (size) => ({ amount: Number(size) }),
  problems: () => [],
  create: ({ amount }) => ({ capacity: amount, initial: () => 0, check: () => admitted(amount, 0), charge: () => 0, settle: () => 0, isIdle: () => true }),
  amount: ({ amount }) => amount,
  sustained: () => null,
  describe: ({ amount }, unit) => \`\${amount} \${unit}\`,
  recorded: ['amount'],
  refills: 'at-reset',
  restricts: 'rate',
};
`,
    table: 'mock-server/limiter/algorithms.ts',
    after: 'export const ALGORITHMS = {\n',
    entry: "  'dummy-limiter': dummyLimiter,\n",
    fact: 'refills',
  },
  dialect: {
    file: 'mock-server/dialects/dummy/dummy.ts',
    source: `
import { type Dialect } from '../dialect.ts';
import { openai } from '../openai/openai.ts';

const { reader, ...others } = openai;

export const dummy: Dialect = {
  ...others,
  reader,
};
`,
    table: 'mock-server/dialects/dialects.ts',
    after: 'export const DIALECTS = { ',
    entry: 'dummy, ',
    fact: 'reader',
  },
  executor: {
    file: 'src/load/dummy-vus.ts',
    source: `
import { defineExecutor } from './executor.ts';
import { planFixedVus } from './plan.ts';

export const dummyVus = defineExecutor({
  name: 'dummy-vus',
  about: 'A fixed number of VUs.',
  fields: ({ vus, length, wait }) => ({ vus, duration: length('Length of the load.'), wait }),
  resolve: (raw) => ({ vus: raw.vus, durationUs: raw.duration, wait: raw.wait }),
  recorded: ({ vus, time, wait }) => ({ vus, durationUs: time, wait }),
  plan: (load) => planFixedVus(load, load.durationUs),
  describe: (load) => \`\${load.vus} dummies\`,
  parameter: 'vus',
});
`,
    table: 'src/load/executors.ts',
    after: 'export const EXECUTORS = {\n',
    entry: "  'dummy-vus': dummyVus,\n",
    fact: 'describe',
  },
  metric: {
    source: `  dummy_metric: {
    about: 'attempts of calls',
    of: 'calls',
    better: 'neither',
    type: 'counter',
    count: ({ calls }) => calls.length,
    counted: null,
  },
`,
    table: 'src/analysis/metrics/call-metrics.ts',
    after: 'export const CALL_METRICS = {\n',
    entry: '',
    fact: 'counted',
  },
  verdict: {
    file: 'src/analysis/verdicts/dummy-verdict.ts',
    source: `
import { defineJudge } from '../judging/define-judge.ts';

export const dummyVerdict = defineJudge({
  id: 'dummy-verdict',
  question: 'Does it make calls?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange: 'Make calls.',
  about: 'calls',
  needs: {},
  unit: 'calls',
  settings: {},
  threshold: () => 'at least one call',
  decide: ({ calls }) => ({ status: calls.length > 0 ? 'pass' : 'fail', n: calls.length, needed: 1, reason: 'Counted.' }),
});
`,
    table: 'src/analysis/judging/judge-run.ts',
    after: 'export const JUDGES = [\n',
    entry: '  dummyVerdict,\n',
    fact: 'needs',
  },
  chart: {
    file: 'src/report/charts/dummy-chart.ts',
    source: `
import { type ChartMaker } from './chart-spec.ts';

export const dummyChart: ChartMaker = {
  file: 'dummy.png',
  needs: [],
  draw: () => ({ title: 'Dummy', x: { type: 'linear' }, y: { type: 'linear' }, datasets: [] }),
};
`,
    table: 'src/report/charts/charts.ts',
    after: 'export const CHARTS: readonly ChartMaker[] = [',
    entry: 'dummyChart, ',
    fact: 'needs',
  },
};

const SCENARIO = `
name: dummies
provider:
  dialect: dummy
  limits: [{ name: requests, algorithm: dummy-limiter, amount: 5 }]
client: { module: ./client.mjs }
load: [{ executor: dummy-vus, vus: 2, duration: 2s }]
thresholds: { dummy_metric: ['count>0'] }
verdicts: { dummy-verdict: error }
`;

const CLIENT = `
export default ({ model, prompt }, { env }) => fetch(env.OPENAI_BASE_URL + '/chat/completions', {
  method: 'POST',
  headers: { authorization: 'Bearer ' + env.OPENAI_API_KEY },
  body: JSON.stringify({ model, messages: [{ role: 'user', content: prompt }] }),
}).then((response) => response.json());
`;

function edit(file: string, after: string, added: string): void {
  const text = readFileSync(join(copy, file), 'utf8');
  if (text.split(after).length !== 2) throw new Error(`${file}: expected once: ${after}`);
  writeFileSync(
    join(copy, file),
    text.replace(after, () => after + added),
  );
}

/** Adds a part to the copy: its file, and its line with the import. */
function add({ file, source, table, after, entry }: Part): void {
  if (file === undefined) {
    edit(table, after, source);
    return;
  }
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  writeFileSync(join(copy, file), source);
  edit(table, after, entry);
  const name = /export const (\w+)/.exec(source)![1]!;
  const text = readFileSync(join(copy, table), 'utf8');
  writeFileSync(join(copy, table), `import { ${name} } from '${relativeImport(table, file)}';\n${text}`);
}

function relativeImport(from: string, to: string): string {
  const [own, other] = [dirname(from).split('/'), to.split('/')];
  while (own[0] === other[0]) {
    own.shift();
    other.shift();
  }
  return `${own.map(() => '..').join('/') || '.'}/${other.join('/')}`;
}

/** Removes the line of the required fact from a part in the copy. */
function forget({ file, table, source, fact }: Part): void {
  const path = join(copy, file ?? table);
  const line = new RegExp(`^ +${fact}\\b.*\\n`, 'm');
  const text = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    text.replace(source, () => source.replace(line, '')),
  );
}

function run(cwd: string, ...args: string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  return { code: status, output: stdout + stderr };
}

const tsc = (): { code: number | null; output: string } =>
  run(copy, join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '--pretty', 'false', '--incremental');

it('every file that CONTRIBUTING.md names exists', () => {
  const paths = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8').matchAll(
    /`((?:src|test|mock-server|scripts|docs)\/[\w./-]+)`/g,
  );
  const files = [...paths].map(([, path]) => path!).filter((path) => !path.includes('NAME'));
  expect(files.length).toBeGreaterThan(30);
  expect(files.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

describe('the table of CONTRIBUTING.md', () => {
  beforeAll(() => {
    rmSync(copy, { recursive: true, force: true });
    for (const name of ['schema', 'run']) mkdirSync(join(copy, name), { recursive: true });
    for (const name of ['src', 'mock-server', 'scripts/write-schema.ts', 'package.json'])
      cpSync(join(root, name), join(copy, name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as {
      compilerOptions: object;
    };
    writeFileSync(
      join(copy, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: { ...compilerOptions, tsBuildInfoFile: 'info' },
        include: ['src', 'mock-server'],
        exclude: ['src/page'],
      }),
    );
    writeFileSync(join(copy, 'run/scenario.yaml'), SCENARIO);
    writeFileSync(join(copy, 'run/client.mjs'), CLIENT);
    for (const part of Object.values(PARTS)) add(part);
  }, 60_000);

  it('a part is one file and one line: the compiler asks for nothing else', () => {
    expect(tsc()).toEqual({ code: 0, output: '' });
  }, 120_000);

  it('a run uses every part', () => {
    const { code, output } = run(join(copy, 'run'), '../src/cli/main.ts', 'run', 'scenario.yaml', '-o', 'out');
    expect(output).toContain('2 dummies');
    expect(code).toBe(0);
    const { metrics, verdicts, thresholds } = JSON.parse(readFileSync(join(copy, 'run/out/summary.json'), 'utf8'));
    expect(JSON.stringify(metrics)).toContain('dummy_metric');
    expect(JSON.stringify(thresholds)).toContain('dummy_metric');
    expect(JSON.stringify(verdicts)).toContain('dummy-verdict');
    expect(existsSync(join(copy, 'run/out/dummy.png'))).toBe(true);
  }, 120_000);

  it('help and schema list them', () => {
    expect(run(copy, 'src/cli/main.ts', 'serve', '--help').output).toMatch(
      /--dialect [\s\S]*?\bdummy\b[\s\S]*?--limit/,
    );
    expect(run(copy, 'scripts/write-schema.ts')).toEqual({ code: 0, output: '' });
    const schema = readFileSync(join(copy, 'schema/scenario.schema.json'), 'utf8');
    for (const name of ['dummy', 'dummy-limiter', 'dummy-vus']) expect(schema).toContain(`"${name}"`);
  }, 120_000);

  it('a forgotten fact is a type error that names it', () => {
    for (const part of Object.values(PARTS)) forget(part);
    const { output } = tsc();
    for (const { file, table, fact } of Object.values(PARTS)) {
      const errors = output.split(/\n(?=\S)/).filter((error) => error.startsWith(file ?? table));
      expect(errors.join('\n')).toContain(`'${fact}'`);
    }
  }, 120_000);
});
