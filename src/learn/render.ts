import { Document, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import { algorithmOf } from '../../mock-server/limiter/algorithms.ts';
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
    ...algorithmOf(spec).toSettings(spec),
    ...(chargeRejected && { chargeRejected }),
  };
}
