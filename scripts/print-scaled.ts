/**
 * Measures the accuracy of sleeps and clocks in scaled time, and writes it to docs/scaled-time.md; `npm run scaled`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { percentile } from '../src/analysis/statistics/percentile.ts';
import { startScaledTime } from '../src/client/scaled-time.ts';
import type { Clock } from '../src/clock/clock.ts';
import { wallClock } from '../src/clock/wall-clock.ts';
import { formatMetric } from '../src/report/format.ts';

const PYTHON = '/usr/bin/python3';
const PAGE = fileURLToPath(new URL('../docs/scaled-time.md', import.meta.url));
const MARKS = ['<!-- measured: npm run scaled -->\n', '<!-- end -->\n'] as const;

/** Number of one-second sleeps per program by speed; at most about 10 s of wall time. */
const SLEEPS: Readonly<Record<number, number>> = { 1: 10, 10: 100, 60: 400, 200: 400 };

/** Each program prints the lateness of each one-second sleep, then its clock for each input line. Microseconds. */
const PROGRAMS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  'Python, time.sleep': [PYTHON, '-uc', python('def pause(): time.sleep(1)')],
  'Python, asyncio.sleep': [
    PYTHON,
    '-uc',
    python('import asyncio\nloop = asyncio.new_event_loop()\ndef pause(): loop.run_until_complete(asyncio.sleep(1))'),
  ],
  'Node, setTimeout': [
    process.execPath,
    '-e',
    `const late = [];
     const next = (began) => setTimeout(() => {
       late.push((performance.now() - began) * 1000 - 1e6);
       if (late.length < Number(process.argv[1])) return next(performance.now());
       console.log(JSON.stringify(late));
       process.stdin.on('data', () => console.log(Math.round((performance.timeOrigin + performance.now()) * 1000)));
     }, 1000);
     next(performance.now());`,
  ],
};

function python(pause: string): string {
  return `import json, sys, time
${pause}
late = []
for _ in range(int(sys.argv[1])):
    began = time.monotonic()
    pause()
    late.append((time.monotonic() - began - 1) * 1e6)
print(json.dumps(late))
for line in sys.stdin: print(time.time_ns() // 1000)
`;
}

interface Measured {
  readonly late: readonly number[];
  /** Lower and upper bound of how far the program's clock is ahead of the provider's. */
  readonly aheadUs: readonly [number, number];
}

async function measure(
  [program, ...args]: readonly [string, ...string[]],
  count: number,
  clock: Clock,
  env: NodeJS.ProcessEnv,
): Promise<Measured> {
  const child = spawn(program, [...args, String(count)], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => (await lines.next()).value as string;
  const late = (JSON.parse(await line()) as number[]).sort((a, b) => a - b);
  let [minUs, maxUs] = [-Infinity, Infinity];
  for (let reading = 0; reading < 100; reading++) {
    const beforeUs = clock.nowUs();
    child.stdin.write('\n');
    const shownUs = Number(await line());
    minUs = Math.max(minUs, shownUs - clock.nowUs());
    maxUs = Math.min(maxUs, shownUs - beforeUs);
  }
  child.kill();
  return { late, aheadUs: [minUs, maxUs] };
}

async function measureAll(speed: number): Promise<Measured[]> {
  const machine = wallClock();
  const scaled = speed === 1 ? undefined : await startScaledTime(speed, machine);
  const env = { ...process.env, ...scaled?.environment({}) };
  const all: Measured[] = [];
  for (const program of Object.values(PROGRAMS)) {
    all.push(await measure(program, SLEEPS[speed]!, scaled?.clock ?? machine, env));
  }
  await scaled?.stop();
  return all;
}

/** Runs `act` while two busy loops per processor load the machine. */
async function onBusyMachine<Value>(act: () => Promise<Value>): Promise<Value> {
  const loops: ChildProcess[] = Array.from({ length: 2 * availableParallelism() }, () =>
    spawn(process.execPath, ['-e', 'for (;;);']),
  );
  await sleep(500);
  try {
    return await act();
  } finally {
    for (const loop of loops) loop.kill();
  }
}

const lateness = ({ late }: Measured): string[] => [50, 99].map((percent) => formatMetric(percentile(late, percent)));
const ahead = ({ aheadUs: [minUs, maxUs] }: Measured): string => `${formatMetric(minUs)} to ${formatMetric(maxUs)}`;

const rows: string[] = [];
for (const speed of Object.keys(SLEEPS).map(Number)) {
  const idle = await measureAll(speed);
  const busy = await onBusyMachine(() => measureAll(speed));
  for (const [index, name] of Object.keys(PROGRAMS).entries()) {
    const cells = [speed, name, ...lateness(idle[index]!), ...lateness(busy[index]!), ahead(idle[index]!)];
    rows.push(`| ${cells.join(' | ')} |\n`);
    process.stdout.write(rows.at(-1)!);
  }
}

const head =
  "| k | sleeps of 1 s | late, median | p(99) | busy: median | p(99) | clock ahead of the provider's |\n|---|---|---|---|---|---|---|\n";
const [before, rest] = readFileSync(PAGE, 'utf8').split(MARKS[0]) as [string, string];
writeFileSync(PAGE, `${before}${MARKS[0]}\n${head}${rows.join('')}\n${MARKS[1]}${rest.split(MARKS[1])[1]}`);
