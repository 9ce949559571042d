import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * The one-way table of rooms: what each may import beside itself. Rooms that are missing from a row are forbidden to it.
 * The provider (`mock-server`) never imports `src`; inside it, dialects stand on admission, which stands on limiters.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'mock-server/limiter': ['mock-server'],
  'mock-server/admission': ['mock-server', 'mock-server/limiter'],
  'mock-server/completion': ['mock-server'],
  'mock-server/faults': ['mock-server', 'mock-server/admission'],
  'mock-server/redaction': [],
  'mock-server/similarity': ['mock-server'],
  'mock-server/profiles': ['mock-server/admission'],
  'mock-server/dialects': ['mock-server', 'mock-server/admission', 'mock-server/completion', 'mock-server/limiter'],
  'mock-server': [
    'mock-server/limiter',
    'mock-server/admission',
    'mock-server/completion',
    'mock-server/dialects',
    'mock-server/faults',
    'mock-server/profiles',
    'mock-server/redaction',
    'mock-server/similarity',
  ],
  'src/clock': ['mock-server'],
  'src/files': ['mock-server', 'src/programs'],
  'src/load': ['mock-server'],
  'src/retry': ['mock-server'],
  'src/programs': ['mock-server/redaction'],
  'src/scenario': [
    'mock-server',
    'mock-server/admission',
    'mock-server/completion',
    'mock-server/dialects',
    'mock-server/faults',
    'mock-server/limiter',
    'mock-server/profiles',
    'src/load',
    'src/programs',
    'src/retry',
  ],
  'src/journal': [
    'mock-server',
    'mock-server/dialects',
    'mock-server/limiter',
    'mock-server/redaction',
    'src/files',
    'src/load',
    'src/scenario',
  ],
  'src/attribution': ['mock-server', 'mock-server/similarity', 'src/journal'],
  'src/recorded': [
    'mock-server',
    'mock-server/dialects',
    'mock-server/redaction',
    'src/attribution',
    'src/journal',
    'src/retry',
    'src/scenario',
  ],
  'src/traces': [
    'mock-server',
    'mock-server/dialects',
    'src/files',
    'src/journal',
    'src/load',
    'src/recorded',
    'src/scenario',
  ],
  'src/client': ['mock-server', 'mock-server/dialects', 'src/clock', 'src/journal', 'src/programs', 'src/scenario'],
  'src/gateway': [
    'mock-server',
    'mock-server/dialects',
    'src/client',
    'src/journal',
    'src/programs',
    'src/recorded',
    'src/scenario',
  ],
  'src/model': [
    'mock-server',
    'mock-server/admission',
    'mock-server/completion',
    'mock-server/dialects',
    'mock-server/faults',
    'src/journal',
    'src/load',
    'src/retry',
    'src/scenario',
  ],
  'src/run': [
    'mock-server',
    'mock-server/completion',
    'mock-server/dialects',
    'mock-server/redaction',
    'src/attribution',
    'src/client',
    'src/clock',
    'src/gateway',
    'src/journal',
    'src/load',
    'src/model',
    'src/programs',
    'src/scenario',
  ],
  'src/analysis': [
    'mock-server',
    'mock-server/admission',
    'mock-server/dialects',
    'mock-server/limiter',
    'mock-server/similarity',
    'src/attribution',
    'src/journal',
    'src/load',
    'src/scenario',
  ],
  'src/check': ['mock-server', 'mock-server/dialects', 'src/analysis', 'src/scenario'],
  'src/init': [],
  'src/learn': [
    'mock-server',
    'mock-server/admission',
    'mock-server/dialects',
    'mock-server/limiter',
    'src/recorded',
    'src/scenario',
  ],
  'src/comparison': ['mock-server', 'src/analysis', 'src/journal', 'src/scenario'],
  'src/plan': [
    'mock-server',
    'mock-server/admission',
    'mock-server/limiter',
    'src/analysis',
    'src/journal',
    'src/load',
    'src/run',
    'src/scenario',
    'src/traces',
  ],
  'src/report': [
    'mock-server',
    'mock-server/admission',
    'mock-server/limiter',
    'mock-server/profiles',
    'mock-server/similarity',
    'src/analysis',
    'src/check',
    'src/comparison',
    'src/files',
    'src/load',
    'src/plan',
  ],
  'src/experiment': [
    'mock-server',
    'mock-server/dialects',
    'src/analysis',
    'src/check',
    'src/comparison',
    'src/files',
    'src/journal',
    'src/plan',
    'src/programs',
    'src/report',
    'src/run',
    'src/scenario',
    'src/traces',
  ],
  'src/export': [
    'mock-server',
    'mock-server/dialects',
    'mock-server/redaction',
    'src/analysis',
    'src/load',
    'src/scenario',
  ],
  'src/live': ['mock-server', 'mock-server/redaction', 'src/journal'],
  'src/telemetry': ['mock-server', 'mock-server/redaction', 'src/analysis', 'src/export'],
  'src/testing': [
    'mock-server',
    'src/analysis',
    'src/check',
    'src/experiment',
    'src/journal',
    'src/report',
    'src/scenario',
  ],
  // The page that a browser opens: no other room imports it, and of the others it takes types; the live page judges a run itself, with what is pure.
  'src/page': ['src/analysis', 'src/journal', 'src/live', 'src/report'],
  'src/cli': ['*'],
  src: ['*'],
};

/** Rooms that compute and nothing else, and the file of the report that draws. */
const PURE = [
  'mock-server/limiter',
  'mock-server/admission',
  'mock-server/completion',
  'mock-server/dialects',
  'mock-server/faults',
  'mock-server/profiles',
  'mock-server/redaction',
  'mock-server/similarity',
  'src/init',
  'src/learn',
  'src/load',
  'src/model',
  'src/retry',
  'src/analysis',
  'src/attribution',
  'src/check',
  'src/comparison',
  'src/recorded',
  'src/export',
  'src/report',
];
const EDGES = ['src/report/draw.ts'];

/** Rooms that are edges as a whole: they start programs, threads and servers, and read files. */
const EDGE_ROOMS = [
  'src/cli',
  'src/client',
  'src/clock',
  'src/experiment',
  'src/files',
  'src/gateway',
  'src/journal',
  'src/live',
  'src/programs',
  'src/run',
  'src/scenario',
  'src/telemetry',
  'src/testing',
  'src/traces',
];
/** Elsewhere the files that may import Node's modules are named. */
const NODE_ALLOWED = [
  'mock-server/admin.ts',
  'mock-server/digest.ts',
  'mock-server/guard.ts',
  'mock-server/idle-connections.ts',
  'mock-server/intercept-fetch.ts',
  'mock-server/intercept-sockets.ts',
  'mock-server/listen.ts',
  'mock-server/play-reply.ts',
  'mock-server/read-body.ts',
  'src/plan/model-pool.ts',
  ...EDGES,
];

/** What the report calls in the analysis: how figures are written, labels, grammar, the rule of passing, facts of one attempt, the limits of a run, chart series, arithmetic. */
const CALLED_BY_REPORT = [
  'format.ts',
  'metrics/call-metrics.ts',
  'metrics/metric-values.ts',
  'metrics/metrics.ts',
  'metrics/threshold-expression.ts',
  'pass-rule.ts',
  'run/scenario-parts.ts',
  'run/attempts.ts',
  'run/repeatable.ts',
  'series/',
  'statistics/',
];

interface Source {
  readonly file: string;
  readonly room: string;
  readonly lines: readonly string[];
  readonly imports: readonly string[];
}

function sources(): Source[] {
  return ['mock-server', 'src'].flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => readSource(join(top, name))),
  );
}

function readSource(file: string): Source {
  const text = readFileSync(join(root, file), 'utf8');
  const imports = [...text.matchAll(/(?:from|import\() ?'([^']+)'/g)].map(([, target]) => target!);
  return { file, room: roomOf(file), lines: text.split('\n'), imports };
}

/** The innermost room of the table that a file stands in. */
function roomOf(file: string): string {
  const inside = Object.keys(ROOMS).filter((room) => file.startsWith(`${room}/`));
  return inside.sort((a, b) => b.length - a.length)[0]!;
}

const all = sources();

/** Every circle of imports, as the files that it passes through. */
function importCircles(): string[][] {
  const byFile = new Map(all.map((source) => [source.file, source]));
  const circles: string[][] = [];
  const finished = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) circles.push([...path.slice(start), file]);
    if (start >= 0 || finished.has(file)) return;
    for (const target of byFile.get(file)?.imports ?? []) {
      if (target.startsWith('.')) visit(join(dirname(file), target), [...path, file]);
    }
    finished.add(file);
  };
  for (const { file } of all) visit(file, []);
  return circles;
}

describe('rooms', () => {
  it('there are as many as one thinks', () => {
    expect(new Set(all.map(({ room }) => room))).toEqual(new Set(Object.keys(ROOMS)));
  });

  it('files import only what their room may', () => {
    const forbidden = all.flatMap(({ file, room, imports }) => {
      const allowed = ROOMS[room]!;
      return imports
        .filter((target) => target.startsWith('.'))
        .filter((target) => {
          const other = roomOf(relative(root, join(root, dirname(file), target)));
          return other !== room && !allowed.includes('*') && !allowed.includes(other);
        })
        .map((target) => `${file} imports ${target}`);
    });
    expect(forbidden).toEqual([]);
  });

  it('the report renders results and computes none', () => {
    const reports = all.filter(({ room }) => room === 'src/report');
    const called = reports.flatMap(({ file, lines }) =>
      [...lines.join('\n').matchAll(/^import (?!type)[^;]*?'(\.[^']+)'/gm)]
        .map(([, target]) => relative(root, join(root, dirname(file), target!)))
        .filter((target) => target.startsWith('src/analysis/'))
        .filter((target) => !CALLED_BY_REPORT.some((allowed) => target.startsWith(`src/analysis/${allowed}`)))
        .map((target) => `${file} calls ${target}`),
    );
    expect(called).toEqual([]);
  });

  it('only the named edges touch the machine', () => {
    const touching = all.filter(({ imports }) => imports.some((target) => target.startsWith('node:')));
    const files = touching.filter(({ room }) => !EDGE_ROOMS.includes(room)).map(({ file }) => file);
    expect(files.sort()).toEqual([...NODE_ALLOWED].sort());
  });

  it('no file imports itself through others, types included', () => {
    expect(importCircles()).toEqual([]);
  });

  it('no list as long as a run is spread into arguments, of which there may be some 100,000', () => {
    const spreading = all.filter(
      ({ room, lines }) =>
        ['src/analysis', 'src/attribution', 'src/recorded'].includes(room) &&
        lines.some((line) => /^[^*`]*(?:\bMath\.(?:max|min)|\.push|\.unshift)\(\.\.\./.test(line)),
    );
    expect(spreading.map(({ file }) => file)).toEqual([]);
  });

  it('every file is short enough to hold in mind', () => {
    expect(all.filter(({ lines }) => lines.length > 250).map(({ file }) => file)).toEqual([]);
  });
});

it('the linter bans clocks and randomness in the same rooms that are pure here', () => {
  const { overrides } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8')) as {
    overrides: {
      includes: string[];
      linter: { rules: { style?: { noRestrictedGlobals?: { options: { deniedGlobals: object } } } } };
    }[];
  };
  const pure = overrides.find(({ linter }) => linter.rules.style?.noRestrictedGlobals);
  expect(pure?.includes).toEqual(
    [...PURE.map((room) => `${room}/**`), ...EDGES.map((file) => `!${file}`)].sort(edgesLast),
  );
  const banned = Object.keys(pure?.linter.rules.style?.noRestrictedGlobals?.options.deniedGlobals ?? {});
  expect(banned).toEqual(expect.arrayContaining(['Date', 'performance', 'setTimeout', 'process']));
  const draws = all.filter(
    ({ file, room, lines }) =>
      PURE.includes(room) && !EDGES.includes(file) && lines.some((line) => /\bMath\.random\b/.test(line)),
  );
  expect(draws.map(({ file }) => file)).toEqual([]);
});

function edgesLast(a: string, b: string): number {
  return Number(a.startsWith('!')) - Number(b.startsWith('!'));
}
