import { drawUs } from '../../completion/latency.ts';
import type { Body } from '../body.ts';
import type { Content, Moment } from '../dialect.ts';
import { jsonAt } from '../generation.ts';
import { type BodyCheck, firstWrong, invalidType, missing, wholeNumber } from './validation.ts';

/** One grey pixel: what counts about an image here is that there is one. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==';

const CHECKS: readonly BodyCheck[] = [
  ({ prompt }) => {
    if (prompt === undefined || prompt === null) return missing('prompt');
    return typeof prompt === 'string' ? undefined : invalidType('prompt', 'a string', prompt);
  },
  wholeNumber('n', 1, 10),
];

export function checkImages(body: Body): Content | undefined {
  return firstWrong(CHECKS, body);
}

export function countImages({ n }: Body): number {
  return (n ?? 1) as number;
}

/** Answers a request for images: all of them at once, each a single pixel. */
export function answerImages(body: Body, { settings, chances, nowUs }: Moment): Content {
  const afterUs = drawUs(settings.latency.firstToken, chances.latency);
  const data = Array.from({ length: countImages(body) }, () => ({ b64_json: PIXEL }));
  return { status: 200, ...jsonAt(afterUs, { created: Math.floor(nowUs / 1e6), data }) };
}
