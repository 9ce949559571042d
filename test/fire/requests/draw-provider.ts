import type { Limit } from '../../../mock-server/admission/limit.ts';
import { DIALECTS, type DialectName } from '../../../mock-server/dialects/dialects.ts';
import type { Fault, FaultEffect } from '../../../mock-server/faults/fault.ts';
import type { ProviderSettings } from '../../../mock-server/settings.ts';
import { perPeriod, settings } from '../../mock-server/openai-provider.ts';
import { KEY } from './draw-request.ts';
import type { Dice } from './wild-values.ts';

const EFFECTS: readonly FaultEffect[] = [
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503 },
  { kind: 'refuse', says: 'insufficient-quota' },
  { kind: 'refuse', says: 'slow-down', retryAfter: '7' },
  { kind: 'reset' },
  { kind: 'hang', byUs: 1000 },
  { kind: 'slow', byUs: 1000 },
  { kind: 'truncate', after: 2 },
  { kind: 'quiet-end', after: { tokens: 1 } },
  { kind: 'missing-end' },
  { kind: 'error-event', after: 1, code: 'server_is_overloaded' },
  { kind: 'malformed-json' },
  { kind: 'malformed-event', after: 1 },
  { kind: 'content-type', type: 'text/html' },
  { kind: 'error-in-200' },
];

/** Draws the settings of a provider: a third have faults, most have limits that refuse. */
export function drawSettings(dialect: DialectName, dice: Dice): ProviderSettings {
  const tight = 1 + dice.below(dice.oneOf([20, 200, 2000]));
  const limits: Limit[] = [
    perPeriod('requests', tight, 'min', { chargeRejected: dice.oneOf(['none', 'requests', 'all'] as const) }),
    perPeriod('tokens', 200 * tight, 'min'),
    perPeriod('requests', 50 * tight, 'day', {
      name: 'daily',
      scope: dice.oneOf([['key'], ['model', 'ip'], ['content']] as const),
    }),
    { ...perPeriod('concurrent', 1, 'min'), name: 'open', spec: { algorithm: 'concurrency', amount: 3 } },
  ];
  const faults = dice.chance(0.33)
    ? EFFECTS.map((does): Fault => ({ fromUs: 0, untilUs: Number.MAX_SAFE_INTEGER, share: 0.01, does }))
    : [];
  const { settle: _settle, estimator } = DIALECTS[dialect];
  return settings({
    dialect,
    seed: dice.below(1e9),
    faults,
    limits: limits.filter(() => dice.chance(0.6)),
    retryAfter: dice.oneOf([
      'next-token',
      'ceil-seconds',
      'window-end',
      'slot',
      'spread',
      'none',
      'http-date',
      'past-date',
      { literal: 'soon' },
    ] as const),
    dateSkewsUs: dice.chance(0.2) ? [-3_000_000, 0, 5_000_000] : [],
    shouldRetry: dice.oneOf([null, true, false]),
    headers: dice.oneOf(['full', 'full', 'retry-after-only', 'none'] as const),
    headersShow: dice.oneOf(['longest', 'tightest'] as const),
    messageWait: dice.oneOf(['integer', 'exact'] as const),
    quotaCodes: dice.oneOf(['legacy', '2026'] as const),
    account: dice.oneOf(['paid', 'free'] as const),
    callTools: dice.oneOf(['once', 'never'] as const),
    latency: dice.oneOf([
      { firstToken: { fixedUs: 0 }, perToken: { fixedUs: 0 } },
      { firstToken: { p50Us: 300_000, p99Us: 900_000 }, perToken: { p50Us: 12_000, p99Us: 40_000 } },
    ]),
    answer: dice.oneOf(['lorem', 'echo', { fixed: 'Yes. "No"\n' }] as const),
    answerTokens: 1 + dice.below(20),
    estimator,
    keys: dice.chance(0.5) ? 'any' : [KEY],
    models: 'any',
  });
}
