import type { CallContext, ClientCall } from './client.ts';

/**
 * Fills a template of arguments with the parts of a call. A text that is only a placeholder becomes the value itself
 * (`$maxTokens` a number, `$signal` the abort signal); inside a longer text, `$prompt` and `$model` are inserted. Lists and
 * objects are copied; everything else stays as it is.
 */
export function fillArguments(
  template: readonly unknown[],
  call: ClientCall,
  { signal }: Pick<CallContext, 'signal'>,
): unknown[] {
  const { prompt, model, maxTokens, stream } = call;
  const values: Readonly<Record<string, unknown>> = {
    $prompt: prompt,
    $model: model,
    $maxTokens: maxTokens,
    $stream: stream,
    $call: call,
    $signal: signal,
  };
  const fill = (part: unknown): unknown => {
    if (typeof part === 'string') {
      if (Object.hasOwn(values, part)) return values[part];
      return part.replaceAll('$prompt', () => prompt).replaceAll('$model', () => model);
    }
    if (Array.isArray(part)) return part.map(fill);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, fill(value)]));
  };
  return template.map(fill);
}
