import { drawUs } from '../../completion/latency.ts';
import type { Body } from '../body.ts';
import type { RequestContext, ResponseDraft } from '../dialect.ts';
import { jsonAt } from '../generation.ts';
import { type BodyCheck, firstError, invalidType, missing, wholeNumber } from './validation.ts';

/** A PNG of one grey pixel; the content of images is not simulated. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==';

const CHECKS: readonly BodyCheck[] = [
  ({ prompt }) => {
    if (prompt === undefined || prompt === null) return missing('prompt');
    return typeof prompt === 'string' ? undefined : invalidType('prompt', 'a string', prompt);
  },
  wholeNumber('n', 1, 10),
];

export function checkImages(body: Body): ResponseDraft | undefined {
  return firstError(CHECKS, body);
}

export function countImages({ n }: Body): number {
  return (n ?? 1) as number;
}

/** Answers an images request after the time to first token, each image a single pixel. */
export function answerImages(body: Body, { settings, random, nowUs }: RequestContext): ResponseDraft {
  const afterUs = drawUs(settings.latency.firstToken, random.latency);
  const data = Array.from({ length: countImages(body) }, () => ({ b64_json: PIXEL }));
  return { status: 200, ...jsonAt(afterUs, { created: Math.floor(nowUs / 1e6), data }) };
}
