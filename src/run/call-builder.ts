import { lorem } from '../../mock-server/completion/text.ts';
import { randomFor } from '../../mock-server/random.ts';
import type { ClientCall } from '../client/client.ts';
import { clientByVu, loadNameByVu } from '../load/executors.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** The parts of a scenario that define its calls. */
type CallSource = Pick<Scenario, 'call' | 'seed' | 'load'>;

/** Words of a generated prompt. */
const PROMPT_WORDS = 12;

/**
 * Returns a builder of calls. If the scenario has no prompt, each call gets a different prompt with the same number of
 * words, so that attempts can be joined to calls by their bodies (`backoff.md` section 2).
 */
export function createCallBuilder({
  call,
  seed,
  load,
}: CallSource): (id: number, vu: number, iteration: number) => ClientCall {
  const { model, prompt, job, maxTokens, stream } = call;
  const nameOf = load.some(({ name }) => name !== undefined) ? loadNameByVu(load) : () => '';
  const clientOf = load.some(({ client }) => client !== undefined) ? clientByVu(load) : () => undefined;
  return (id, vu, iteration) => ({
    id,
    vu,
    iteration,
    ...(nameOf(vu) !== '' && { load: nameOf(vu) }),
    ...withClient(clientOf(vu)),
    model,
    prompt: prompt?.replaceAll('{id}', String(id)) ?? randomWords(seed, vu, iteration),
    ...(job !== undefined && { job: fillJob(job, { id, vu, iteration }) }),
    ...(maxTokens !== undefined && { maxTokens }),
    stream,
  });
}

const withClient = (client: string | undefined): Pick<ClientCall, 'client'> => (client === undefined ? {} : { client });

/** Fills `{id}`, `{vu}` and `{iteration}` in the name of a job. */
function fillJob(template: string, of: Pick<ClientCall, 'id' | 'vu' | 'iteration'>): string {
  return template.replace(/\{(id|vu|iteration)\}/g, (_, name: keyof typeof of) => String(of[name]));
}

function randomWords(seed: number, vu: number, iteration: number): string {
  const random = randomFor(seed, `prompt:${vu}:${iteration}`);
  const words = lorem(PROMPT_WORDS, PROMPT_WORDS, random).text;
  return `${words} (${vu}-${iteration})`;
}
