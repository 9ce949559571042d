import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LeakyBucketSpec } from '../../../mock-server/limiter/leaky-bucket.ts';
import { leakyBucket } from '../../../mock-server/limiter/leaky-bucket.ts';
import { type Random, randomFor } from '../../../mock-server/random.ts';
import { startGateway } from '../../../src/gateway/start-gateway.ts';
import { describeWith } from '../../real-parts.ts';

/**
 * nginx counts on the kernel's coarse clock (CLOCK_MONOTONIC_COARSE), which has ticks of a few milliseconds, but logs the
 * precise time. Close to a threshold, either decision is possible.
 */
const TOLERANCE_MS = 10;

/** Maximum share of different decisions outside the tolerance: a stalled machine delays ticks. */
const MAX_DIFFERENT_SHARE = 1 / 500;

/** How long each key sends. */
const DURATION_MS = 6000;

interface Zone {
  readonly name: string;
  readonly rate: string;
  readonly limitReq: string;
  readonly spec: Omit<LeakyBucketSpec, 'algorithm'>;
}

const PER_SECOND = { amount: 5, periodUs: 1e6 };
const ZONES: readonly Zone[] = [
  {
    name: 'nodelay',
    rate: '5r/s',
    limitReq: 'burst=5 nodelay',
    spec: { rate: PER_SECOND, burst: 5, delay: 'nodelay' },
  },
  { name: 'none', rate: '5r/s', limitReq: '', spec: { rate: PER_SECOND, burst: 0, delay: 0 } },
  { name: 'delays', rate: '5r/s', limitReq: 'burst=5', spec: { rate: PER_SECOND, burst: 5, delay: 0 } },
  { name: 'partly', rate: '5r/s', limitReq: 'burst=6 delay=2', spec: { rate: PER_SECOND, burst: 6, delay: 2 } },
  {
    name: 'minute',
    rate: '100r/m',
    limitReq: 'burst=3 nodelay',
    spec: { rate: { amount: 100, periodUs: 60e6 }, burst: 3, delay: 'nodelay' },
  },
];

/** Send times of a key, in milliseconds. */
const PATTERNS: Readonly<Record<string, (random: Random) => number[]>> = {
  bursts: (random) => repeated(() => 900 + 700 * random()).flatMap((at) => Array<number>(9).fill(at)),
  'twice the rate': () => repeated(() => 100),
  'at random': (random) => repeated(() => -120 * Math.log(1 - random())),
  'now and then': (random) => repeated(() => 150 + 300 * random()),
};

function repeated(gapMs: () => number): number[] {
  const times: number[] = [];
  for (let at = 0; at < DURATION_MS; at += gapMs()) times.push(at);
  return times;
}

const KEYS_PER_PATTERN = 5;

/** One request in nginx's log. */
interface Logged {
  readonly zone: string;
  readonly key: string;
  readonly arrivedMs: number;
  readonly tookMs: number;
  readonly status: 'PASSED' | 'DELAYED' | 'REJECTED';
}

/** Sends the requests of all keys and zones to nginx, and reads its log. */
async function requestFromNginx(): Promise<Logged[]> {
  const folder = mkdtempSync(join(tmpdir(), 'quotalab-equality-'));
  const log = join(folder, 'access.log');
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, configuration(log));
  const command = ['nginx', '-p', '{folder}', '-c', '{config}', '-e', 'stderr', '-g', 'daemon off;'];
  const gateway = await startGateway(
    { command, config: { file: config, written: 'nginx.conf' }, env: {}, folder, startTimeoutUs: 60e6 },
    { upstream: '127.0.0.1:1', signal: new AbortController().signal },
  );
  const agent = new Agent({ keepAlive: true });
  try {
    const all = ZONES.flatMap(({ name }) =>
      Object.entries(PATTERNS).flatMap(([pattern, times]) =>
        Array.from({ length: KEYS_PER_PATTERN }, (_, index) => `${pattern.replaceAll(' ', '-')}-${index}`).flatMap(
          (key) => times(randomFor(1, `${name}:${key}`)).map((at) => send(gateway.port, agent, name, key, at)),
        ),
      ),
    );
    await Promise.all(all);
    return readFileSync(log, 'utf8').trim().split('\n').map(parseLine);
  } finally {
    agent.destroy();
    await gateway.stop();
  }
}

/** Uses one worker, because workers read the clock separately and could count requests out of order. */
function configuration(log: string): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path {{folder}}/${name};`,
  );
  const zones = ZONES.map(({ name, rate }) => `limit_req_zone $http_x_key zone=${name}:1m rate=${rate};`);
  const places = ZONES.map(
    ({ name, limitReq }) => `location /${name} { limit_req zone=${name} ${limitReq}; empty_gif; }`,
  );
  return `worker_processes 1; pid {{folder}}/pid; events { worker_connections 4096; }
http {
  ${paths.join(' ')}
  ${zones.join('\n  ')}
  limit_req_log_level info;
  log_format decisions '$uri $http_x_key $msec $request_time $limit_req_status';
  access_log ${log} decisions;
  server { listen 127.0.0.1:{{port}} backlog=4096; keepalive_requests 100000; ${places.join('\n  ')} }
}
`;
}

function send(port: number, agent: Agent, zone: string, key: string, atMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    setTimeout(() => {
      const request = get({ host: '127.0.0.1', port, agent, path: `/${zone}`, headers: { 'x-key': key } }, (answer) => {
        answer.resume();
        answer.on('end', resolve);
      });
      request.on('error', reject);
    }, atMs);
  });
}

/** A log line has the time of the reply, so the arrival is that minus the request time. */
function parseLine(line: string): Logged {
  const [uri, key, seconds, took, status] = line.split(' ') as [string, string, string, string, Logged['status']];
  const tookMs = Math.round(Number(took) * 1000);
  return { zone: uri.slice(1), key, arrivedMs: Math.round(Number(seconds) * 1000) - tookMs, tookMs, status };
}

/** Within one millisecond, admitted requests came first: refusals change nothing, and room only decreases. */
const ORDER = { PASSED: 0, DELAYED: 1, REJECTED: 2 } as const;

function inOrder(logged: readonly Logged[]): Logged[] {
  return [...logged].sort(
    (a, b) => a.arrivedMs - b.arrivedMs || ORDER[a.status] - ORDER[b.status] || a.tookMs - b.tookMs,
  );
}

interface Figures {
  events: number;
  admitted: number;
  refused: number;
  /** Events outside the tolerance around thresholds, and those of them decided differently. */
  firm: number;
  readonly different: string[];
  /** Events inside the tolerance that were decided differently. */
  flipped: number;
  /** How much longer delayed requests took than modeled. */
  readonly lateMs: number[];
}

/** Runs the limiter on nginx's arrival times, charging what nginx admitted. */
function compare(zone: Zone, logged: readonly Logged[]): Figures {
  const limiter = leakyBucket.create({ algorithm: 'leaky-bucket', ...zone.spec });
  const figures: Figures = { events: 0, admitted: 0, refused: 0, firm: 0, different: [], flipped: 0, lateMs: [] };
  for (const [key, events] of Map.groupBy(inOrder(logged), (one) => one.key)) {
    let state = limiter.initial(0);
    for (const { arrivedMs, tookMs, status } of events) {
      const at = (ms: number) => limiter.check(state, ms * 1000, 1);
      const nginx = status !== 'REJECTED';
      const decision = at(arrivedMs);
      const isFirm = at(arrivedMs - TOLERANCE_MS).admit === at(arrivedMs + TOLERANCE_MS).admit;
      const isSame = decision.admit === nginx;
      figures.events++;
      figures[nginx ? 'admitted' : 'refused']++;
      if (isFirm) figures.firm++;
      if (isFirm && !isSame) figures.different.push(`${zone.name} ${key} at ${arrivedMs}: nginx ${status}`);
      if (!isFirm && !isSame) figures.flipped++;
      if (nginx && decision.admit && zone.spec.delay !== 'nodelay')
        figures.lateMs.push(tookMs - decision.delayUs / 1000);
      if (nginx) state = limiter.charge(state, arrivedMs * 1000, 1);
    }
  }
  return figures;
}

const sum = (all: readonly Figures[], of: (one: Figures) => number): number => all.reduce((n, one) => n + of(one), 0);

describeWith(['nginx'], 'the leaky bucket compared with real nginx, on arrival times from its log', () => {
  let byZone: readonly Figures[] = [];

  beforeAll(async () => {
    const logged = await requestFromNginx();
    byZone = ZONES.map((zone) =>
      compare(
        zone,
        logged.filter((one) => one.zone === zone.name),
      ),
    );
  }, 120_000);

  describe.each(ZONES.map(({ name }, index) => [name, index] as const))('%s', (name, index) => {
    it('admits and refuses, mostly far from any threshold', () => {
      const { events, admitted, refused, firm, different, flipped } = byZone[index]!;
      console.info(
        `${name}: ${events} events, ${admitted} admitted, ${refused} refused; ${firm} outside ±${TOLERANCE_MS} ms of a ` +
          `threshold, ${firm - different.length} of them decided equally; ${flipped} of ${events - firm} inside differ`,
      );
      expect(Math.min(admitted, refused)).toBeGreaterThan(events / 10);
      expect(firm).toBeGreaterThan(0.75 * events);
    });
  });

  it('delays like nginx: never less, and mostly to the millisecond', () => {
    const late = byZone.flatMap(({ lateMs }) => lateMs).sort((a, b) => a - b);
    const at = (share: number): number => late[Math.floor(share * (late.length - 1))]!;
    console.info(
      `delays: ${late.length} delayed; later than the model by ${at(0)} to ${at(1)} ms, ` +
        `median ${at(0.5)}, 95 % up to ${at(0.95)} ms`,
    );
    expect(late.length).toBeGreaterThan(200);
    // Both ends round to milliseconds, and the log uses another clock.
    expect(at(0)).toBeGreaterThanOrEqual(-2 * TOLERANCE_MS);
    // nginx timers are late on a busy machine, but half of them only slightly.
    expect(at(0.5)).toBeLessThan(200);
  });

  it('decides events outside the tolerance like nginx', () => {
    const events = sum(byZone, (one) => one.events);
    const firm = sum(byZone, (one) => one.firm);
    const flipped = sum(byZone, (one) => one.flipped);
    const different = byZone.flatMap((one) => one.different);
    console.info(
      `all: ${events} events; ${firm} outside the tolerance, ${firm - different.length} of them decided equally; ` +
        `${flipped} of ${events - firm} inside differ`,
    );
    expect(events).toBeGreaterThan(3000);
    expect(different.length, different.join('\n')).toBeLessThanOrEqual(MAX_DIFFERENT_SHARE * firm);
  });
});
