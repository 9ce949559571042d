import { createEmbedding } from '../../completion/embedding.ts';
import { drawUs } from '../../completion/latency.ts';
import { type Body, isObject, partsText } from '../body.ts';
import type { RequestContext, ResponseDraft } from '../dialect.ts';
import { jsonAt } from '../generation.ts';

/** Default embedding length. */
const DIMENSIONS = 3072;

/**
 * Returns the requests of a body (`embedContent` has one, `batchEmbedContents` a list), or undefined if none is
 * valid.
 */
export function embedRequests(body: Body, batch: boolean): Body[] | undefined {
  const list = batch ? body.requests : [body];
  const valid =
    Array.isArray(list) && list.length > 0 && list.every((item) => isObject(item) && isObject(item.content));
  return valid ? (list as Body[]) : undefined;
}

export function embedTexts(requests: readonly Body[]): string[] {
  return requests.map(({ content }) => partsText((content as Body).parts));
}

/** Answers an embeddings request with unit vectors; similar texts get similar vectors. */
export function answerEmbed(
  requests: readonly Body[],
  batch: boolean,
  { settings, random, tokens }: RequestContext,
): ResponseDraft {
  const texts = embedTexts(requests);
  const values = texts.map((text, index) => {
    const { outputDimensionality: requested } = requests[index]!;
    const dimensions =
      Number.isInteger(requested) && (requested as number) > 0 ? Math.min(requested as number, DIMENSIONS) : DIMENSIONS;
    return { values: [...createEmbedding(text, dimensions)] };
  });
  const afterUs = drawUs(settings.latency.firstToken, random.latency);
  const promptTokens = Math.max(
    1,
    texts.reduce((sum, text) => sum + tokens.count(text), 0),
  );
  const body = batch ? { embeddings: values } : { embedding: values[0] };
  return { status: 200, ...jsonAt(afterUs, body), promptTokens, completionTokens: 0 };
}
