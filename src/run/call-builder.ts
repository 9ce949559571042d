import { askForTokens, makePrompt } from '../../mock-server/completion/made-prompt.ts';
import { lorem } from '../../mock-server/completion/text.ts';
import { omitUndefined } from '../../mock-server/json-value.ts';
import { randomFor } from '../../mock-server/random.ts';
import type { ClientCall } from '../client/client.ts';
import type { AskedCall } from '../load/asked-call.ts';
import { clientByVu, loadNameByVu } from '../load/executors.ts';
import { clientsOf } from '../scenario/fleet.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** The parts of a scenario that define its calls. */
type CallSource = Pick<Scenario, 'call' | 'seed' | 'load' | 'client' | 'clientName' | 'otherClients'> & {
  readonly provider: Pick<Scenario['provider'], 'tokenizer'>;
};

/** Builds the call of a VU; `asked` is what the load asks of it, which counts before the scenario's `call`. */
export type BuildCall = (id: number, vu: number, iteration: number, asked?: AskedCall) => ClientCall;

/** Words of a generated prompt whose tokens nobody asked for. */
const PROMPT_WORDS = 12;

/**
 * Returns a builder of calls. If the scenario has no prompt, each call gets a different prompt, of as many tokens as it is to have
 * or else with the same number of words, so that attempts can be joined to calls by their bodies (`backoff.md` section 2).
 */
export function createCallBuilder(source: CallSource): BuildCall {
  const { call, load } = source;
  const nameOf = load.some(({ name }) => name !== undefined) ? loadNameByVu(load) : () => '';
  // A trace may name clients that a scenario with a single one does not have.
  const isNamed = load.some(({ executor }) => executor === 'trace') ? clientNames(source) : () => false;
  const clientOf = load.some(({ client }) => client !== undefined) ? clientByVu(load) : () => undefined;
  return (id, vu, iteration, asked = {}) => ({
    id,
    vu,
    iteration,
    ...(nameOf(vu) !== '' && { load: nameOf(vu) }),
    ...omitUndefined({
      client: isNamed(asked.client) ? asked.client : clientOf(vu),
      kind: asked.kind,
      conversation: asked.conversation,
    }),
    model: asked.model ?? call.model,
    prompt: promptOf(source, { id, vu, iteration }, asked),
    ...(call.job !== undefined && { job: fillJob(call.job, { id, vu, iteration }) }),
    ...omitUndefined({ maxTokens: call.maxTokens, promptTokens: asked.promptTokens }),
    stream: asked.stream ?? call.stream,
  });
}

function clientNames(source: CallSource): (name: string | undefined) => boolean {
  const names = new Set(clientsOf(source).map(({ name }) => name));
  return (name) => name !== undefined && names.has(name);
}

type Turn = Pick<ClientCall, 'id' | 'vu' | 'iteration'>;

function promptOf({ call, seed, provider }: CallSource, turn: Turn, asked: AskedCall): string {
  const { promptTokens, completionTokens, conversation } = asked;
  if (promptTokens !== undefined) {
    return makePrompt({
      tokens: promptTokens,
      tokenizer: provider.tokenizer,
      answerTokens: completionTokens,
      position: positionOf(seed, conversation ?? `${turn.vu}:${turn.iteration}`),
      id: turn.id,
    });
  }
  const prompt = call.prompt?.replaceAll('{id}', String(turn.id)) ?? randomWords(seed, turn.vu, turn.iteration);
  return completionTokens === undefined ? prompt : prompt + askForTokens(completionTokens);
}

/** Where the words of a prompt begin: anywhere, and the prompts of one conversation at one place. */
function positionOf(seed: number, name: string): number {
  return Math.floor(randomFor(seed, `prompt:${name}`)() * 2 ** 24);
}

/** Fills `{id}`, `{vu}` and `{iteration}` in the name of a job. */
function fillJob(template: string, of: Turn): string {
  return template.replace(/\{(id|vu|iteration)\}/g, (_, name: keyof Turn) => String(of[name]));
}

function randomWords(seed: number, vu: number, iteration: number): string {
  const random = randomFor(seed, `prompt:${vu}:${iteration}`);
  const words = lorem(PROMPT_WORDS, PROMPT_WORDS, random).text;
  return `${words} (${vu}-${iteration})`;
}
