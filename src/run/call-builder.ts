import { answerTokensRequest, makePrompt } from '../../mock-server/completion/made-prompt.ts';
import { lorem } from '../../mock-server/completion/text.ts';
import { omitUndefined } from '../../mock-server/json-value.ts';
import { randomFor } from '../../mock-server/random.ts';
import type { ClientCall } from '../client/client.ts';
import type { CallShape } from '../load/call-shape.ts';
import { clientByVu, loadNameByVu } from '../load/executors.ts';
import { clientsOf } from '../scenario/fleet.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** The parts of a scenario that define its calls. */
type CallSource = Pick<Scenario, 'call' | 'seed' | 'load' | 'client' | 'clientName' | 'otherClients'> & {
  readonly provider: Pick<Scenario['provider'], 'tokenizer'>;
};

/** Builds the call of a VU; `shape` is what the load says of it, which counts before the scenario's `call`. */
export type BuildCall = (id: number, vu: number, iteration: number, shape?: CallShape) => ClientCall;

/** Words of a generated prompt whose tokens nobody set. */
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
  return (id, vu, iteration, shape = {}) => ({
    id,
    vu,
    iteration,
    ...(nameOf(vu) !== '' && { load: nameOf(vu) }),
    ...omitUndefined({
      client: isNamed(shape.client) ? shape.client : clientOf(vu),
      kind: shape.kind,
      conversation: shape.conversation,
    }),
    model: shape.model ?? call.model,
    prompt: promptOf(source, { id, vu, iteration }, shape),
    ...(call.job !== undefined && { job: fillJob(call.job, { id, vu, iteration }) }),
    ...omitUndefined({ maxTokens: call.maxTokens, promptTokens: shape.promptTokens }),
    stream: shape.stream ?? call.stream,
  });
}

function clientNames(source: CallSource): (name: string | undefined) => boolean {
  const names = new Set(clientsOf(source).map(({ name }) => name));
  return (name) => name !== undefined && names.has(name);
}

type Turn = Pick<ClientCall, 'id' | 'vu' | 'iteration'>;

function promptOf({ call, seed, provider }: CallSource, turn: Turn, shape: CallShape): string {
  const { promptTokens, completionTokens, conversation } = shape;
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
  return completionTokens === undefined ? prompt : prompt + answerTokensRequest(completionTokens);
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
