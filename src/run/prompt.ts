import { lorem } from '../../mock-server/completion/text.ts';
import { randomFor } from '../../mock-server/random.ts';
import type { Call } from '../client/client.ts';
import { loadNames } from '../load/load-names.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** The parts of a scenario that say what calls ask for. */
type Asking = Pick<Scenario, 'call' | 'seed' | 'load'>;

/** Words of a prompt that the scenario does not give. */
const PROMPT_WORDS = 12;

/**
 * What one call asks for. Without a prompt of the scenario's own, each call gets as many words and other ones, so that
 * no two bodies are alike and attempts can be told apart by them (`backoff.md` section 2).
 */
export function askFor({ call, seed, load }: Asking): (id: number, vu: number, iteration: number) => Call {
  const { model, prompt, maxTokens, stream } = call;
  const nameOf = load.some(({ name }) => name !== undefined) ? loadNames(load) : () => '';
  return (id, vu, iteration) => ({
    id,
    vu,
    iteration,
    ...(nameOf(vu) !== '' && { load: nameOf(vu) }),
    model,
    prompt: prompt?.replaceAll('{id}', String(id)) ?? wordsFor(seed, vu, iteration),
    ...(maxTokens !== undefined && { maxTokens }),
    stream,
  });
}

function wordsFor(seed: number, vu: number, iteration: number): string {
  const random = randomFor(seed, `prompt:${vu}:${iteration}`);
  const words = lorem(PROMPT_WORDS, PROMPT_WORDS, random).text;
  return `${words} (${vu}-${iteration})`;
}
