import { embeddingOf } from '../../completion/embedding.ts';
import { drawUs } from '../../completion/latency.ts';
import { type Body, isObject, partsText } from '../body.ts';
import type { Content, Moment } from '../dialect.ts';
import { jsonAt } from '../generation.ts';

/** Length of an embedding for which none is asked. */
const DIMENSIONS = 3072;

/** The requests of a body: `embedContent` has one, `batchEmbedContents` a list. Undefined if there is none. */
export function embedRequests(body: Body, batch: boolean): Body[] | undefined {
  const list = batch ? body.requests : [body];
  const fine = Array.isArray(list) && list.length > 0 && list.every((one) => isObject(one) && isObject(one.content));
  return fine ? (list as Body[]) : undefined;
}

export function embedTexts(requests: readonly Body[]): string[] {
  return requests.map(({ content }) => partsText((content as Body).parts));
}

/** Answers a request for embeddings; vectors are of unit length, texts that are alike are near. */
export function answerEmbed(requests: readonly Body[], batch: boolean, { settings, chances, tokens }: Moment): Content {
  const texts = embedTexts(requests);
  const values = texts.map((text, index) => {
    const { outputDimensionality: asked } = requests[index]!;
    const dimensions =
      Number.isInteger(asked) && (asked as number) > 0 ? Math.min(asked as number, DIMENSIONS) : DIMENSIONS;
    return { values: [...embeddingOf(text, dimensions)] };
  });
  const afterUs = drawUs(settings.latency.firstToken, chances.latency);
  const promptTokens = Math.max(
    1,
    texts.reduce((sum, text) => sum + tokens.count(text), 0),
  );
  const body = batch ? { embeddings: values } : { embedding: values[0] };
  return { status: 200, ...jsonAt(afterUs, body), promptTokens, completionTokens: 0 };
}
