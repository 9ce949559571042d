import { Document, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import { formatDuration } from '../../mock-server/duration.ts';
import type { AlgorithmSpec } from '../../mock-server/limiter/algorithm.ts';
import type { LearntLimit, LearntLimits } from './learnt.ts';

/** Longest line of a comment. */
const WIDTH = 74;

/**
 * Renders learnt limits as the `limits:` block of a scenario's provider. Comments give the confidence and reason above each
 * limit, and what could not be learnt at the end. The list is empty if nothing was learnt.
 */
export function renderLearntLimits({ limits, couldNotLearn, observations, refusals }: LearntLimits): string {
  const document = new Document({ limits: limits.map(toLimitSettings) });
  const head = `Learnt from ${observations} replies, ${refusals} of them 429. sure: no other explanation fits; likely: it fits; guess: check it.`;
  document.commentBefore = comment(head);
  const list = document.get('limits') as YAMLSeq<YAMLMap>;
  for (const [index, limit] of limits.entries()) {
    const item = list.items[index]!;
    item.commentBefore = describeLimit(limit);
    for (const { value } of item.items) if (isSeq(value)) value.flow = true;
  }
  if (couldNotLearn.length > 0) {
    document.comment = ['Not learnt:', ...couldNotLearn]
      .map((line, n) => comment(n === 0 ? line : `- ${line}`))
      .join('\n');
  }
  return document.toString({ lineWidth: 0 });
}

function describeLimit({ figures, sharing, observations }: LearntLimit): string {
  const from = observations === 1 ? '1 reply' : `${observations} replies`;
  return [
    comment(`${figures.confidence}: ${figures.because} (${from})`),
    comment(`scope, ${sharing.confidence}: ${sharing.because}`),
  ].join('\n');
}

function comment(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = text.startsWith('- ') ? ' ' : '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((commentLine) => ` ${commentLine}`).join('\n');
}

/** Converts a limit to the settings of a scenario. */
export function toLimitSettings({
  name,
  unit,
  spec,
  scope,
  chargeRejected,
  models,
  pool,
}: LearntLimit): Record<string, unknown> {
  return {
    name,
    ...(unit !== 'concurrent' && { unit }),
    scope: scope.length === 1 ? scope[0] : [...scope],
    ...(models && { models: [...models] }),
    ...(pool !== undefined && { pool }),
    ...specSettings(spec),
    ...(chargeRejected && { chargeRejected }),
  };
}

const PERIODS: ReadonlyMap<number, string> = new Map([
  [1e6, 's'],
  [60e6, 'min'],
  [3600e6, 'hour'],
  [86_400e6, 'day'],
]);

function specSettings(spec: AlgorithmSpec): Record<string, unknown> {
  switch (spec.algorithm) {
    case 'token-bucket': {
      const { refill, capacity } = spec;
      const rate = `${refill.amount}/${PERIODS.get(refill.periodUs) ?? formatExact(refill.periodUs)}`;
      return { algorithm: spec.algorithm, refill: rate, ...(capacity !== refill.amount && { capacity }) };
    }
    case 'fixed-window': {
      const { algorithm, amount, windowUs, anchor, offsetUs } = spec;
      return {
        algorithm,
        amount,
        window: formatExact(windowUs),
        anchor,
        ...(offsetUs && { offset: formatExact(offsetUs) }),
      };
    }
    case 'sliding-window-log':
    case 'sliding-window-counter':
      return { algorithm: spec.algorithm, amount: spec.amount, window: formatExact(spec.windowUs) };
    case 'concurrency':
      return { algorithm: spec.algorithm, amount: spec.amount };
    default:
      throw new Error(`a ${spec.algorithm} cannot be learnt`);
  }
}

/** `formatDuration` cuts to the millisecond; this does not. */
function formatExact(us: number): string {
  return us % 1000 === 0 ? formatDuration(us) : `${us}us`;
}
