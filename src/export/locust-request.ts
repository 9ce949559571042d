import type { DialectName } from '../../mock-server/settings.ts';
import type { CallSettings } from '../scenario/scenario.ts';
import { type Literal, literal } from './python.ts';

/** How one dialect is asked a plain question, as Python's expressions; `prompt` stands for the prompt. */
interface Dialect {
  /** The variable that says where the provider is, and what follows the address of `quotalab serve` in it. */
  readonly address: readonly [variable: string, suffix: string];
  readonly key: string;
  readonly path: (call: CallSettings) => string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: (call: CallSettings) => Readonly<Record<string, Literal>>;
}

/** Where a prompt goes; replaced once all is text, since it is no literal. */
const PROMPT = '\u0000prompt';

/** What an answer of Anthropic's may have at most where the scenario does not say: requests must. */
const ANTHROPIC_MAX_TOKENS = 1024;

const openaiBody = ({ model, maxTokens, stream }: CallSettings): Record<string, Literal> => ({
  model,
  messages: [{ role: 'user', content: PROMPT }],
  ...(maxTokens !== undefined && { max_completion_tokens: maxTokens }),
  ...(stream && { stream }),
});

const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  openai: {
    address: ['OPENAI_BASE_URL', '/v1'],
    key: 'OPENAI_API_KEY',
    path: () => '/chat/completions',
    headers: { authorization: 'f"Bearer {KEY}"' },
    body: openaiBody,
  },
  azure: {
    address: ['AZURE_OPENAI_ENDPOINT', ''],
    key: 'AZURE_OPENAI_API_KEY',
    path: ({ model }) => `/openai/deployments/${encodeURIComponent(model)}/chat/completions?api-version=2024-10-21`,
    headers: { 'api-key': 'KEY' },
    body: openaiBody,
  },
  anthropic: {
    address: ['ANTHROPIC_BASE_URL', ''],
    key: 'ANTHROPIC_API_KEY',
    path: () => '/v1/messages',
    headers: { 'x-api-key': 'KEY', 'anthropic-version': '"2023-06-01"' },
    body: ({ model, maxTokens, stream }) => ({
      model,
      max_tokens: maxTokens ?? ANTHROPIC_MAX_TOKENS,
      messages: [{ role: 'user', content: PROMPT }],
      ...(stream && { stream }),
    }),
  },
  gemini: {
    address: ['GOOGLE_GEMINI_BASE_URL', ''],
    key: 'GEMINI_API_KEY',
    path: ({ model, stream }) =>
      `/v1beta/models/${encodeURIComponent(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    headers: { 'x-goog-api-key': 'KEY' },
    body: ({ maxTokens }) => ({
      contents: [{ role: 'user', parts: [{ text: PROMPT }] }],
      ...(maxTokens !== undefined && { generationConfig: { maxOutputTokens: maxTokens } }),
    }),
  },
};

/** Where `quotalab serve` listens by itself. */
const SERVED = 'http://127.0.0.1:4010';

/** The constants of the file that say where the provider is, and what is sent to it. */
export function requestLines(dialect: DialectName, call: CallSettings): string[] {
  const { address, key, path, headers, body } = DIALECTS[dialect];
  const [variable, suffix] = address;
  const fields = Object.entries(headers).map(([name, value]) => `${literal(name)}: ${value}`);
  return [
    `BASE_URL = os.environ.get("${variable}", "${SERVED}${suffix}").rstrip("/")`,
    `KEY = os.environ.get("${key}", "sk-quotalab")`,
    `PATH = ${literal(path(call))}`,
    `HEADERS = {${fields.join(', ')}}`,
    '',
    '',
    'def body(prompt):',
    `    return ${literal(body(call)).replace(literal(PROMPT), 'prompt')}`,
    '',
    '',
    ...promptLines(call.prompt),
  ];
}

/** Words enough that no two prompts are alike by chance, as a run without a prompt has them. */
const WORDS = 'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt';

function promptLines(prompt: string | undefined): string[] {
  const head = 'def prompt_of(number):';
  if (prompt !== undefined) return [head, `    return ${literal(prompt)}.replace("{id}", str(number))`];
  return [
    `WORDS = ${literal(WORDS)}.split()`,
    '',
    '',
    head,
    '    # Other words for each call, and its number: no two requests are alike.',
    '    return " ".join(random.choices(WORDS, k=12)) + f" ({number})"',
  ];
}
