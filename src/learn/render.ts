import { Document, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import { formatDuration } from '../../mock-server/duration.ts';
import type { AlgorithmSpec } from '../../mock-server/limiter/algorithm.ts';
import type { LearntLimit, LearntLimits } from './learnt.ts';

/** Longest line of a comment. */
const WIDTH = 74;

/**
 * Learnt limits as the `limits:` block of a scenario's provider, ready to be pasted; above each limit how far it can be
 * relied on and why, below all of them what could not be learnt. Where nothing was learnt the block is an empty list.
 */
export function renderLearntLimits({ limits, couldNotLearn, observations, refusals }: LearntLimits): string {
  const document = new Document({ limits: limits.map(settingsOf) });
  const head = `Learnt from ${observations} answers, ${refusals} of them 429. sure: no other explanation is left; likely: it fits; guess: check it.`;
  document.commentBefore = comment(head);
  const list = document.get('limits') as YAMLSeq<YAMLMap>;
  for (const [index, limit] of limits.entries()) {
    const item = list.items[index]!;
    item.commentBefore = commentOf(limit);
    for (const { value } of item.items) if (isSeq(value)) value.flow = true;
  }
  if (couldNotLearn.length > 0) {
    document.comment = ['Could not be learnt:', ...couldNotLearn]
      .map((line, n) => comment(n === 0 ? line : `- ${line}`))
      .join('\n');
  }
  return document.toString({ lineWidth: 0 });
}

function commentOf({ figures, sharing, observations }: LearntLimit): string {
  const from = observations === 1 ? 'one answer' : `${observations} answers`;
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
  return [...lines, line].map((one) => ` ${one}`).join('\n');
}

/** A limit under the keys that a scenario has for it. */
export function settingsOf({
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
      const rate = `${refill.amount}/${PERIODS.get(refill.periodUs) ?? exactly(refill.periodUs)}`;
      return { algorithm: spec.algorithm, refill: rate, ...(capacity !== refill.amount && { capacity }) };
    }
    case 'fixed-window': {
      const { algorithm, amount, windowUs, anchor, offsetUs } = spec;
      return { algorithm, amount, window: exactly(windowUs), anchor, ...(offsetUs && { offset: exactly(offsetUs) }) };
    }
    case 'sliding-window-log':
    case 'sliding-window-counter':
      return { algorithm: spec.algorithm, amount: spec.amount, window: exactly(spec.windowUs) };
    case 'concurrency':
      return { algorithm: spec.algorithm, amount: spec.amount };
    default:
      throw new Error(`no answer implies a ${spec.algorithm}`);
  }
}

/** Durations for people are cut to the millisecond. */
function exactly(us: number): string {
  return us % 1000 === 0 ? formatDuration(us) : `${us}us`;
}
