import type { Content } from '../dialect.ts';
import { invalidRequest } from './errors.ts';
import {
  type Body,
  type BodyCheck,
  decimal,
  flag,
  invalidType,
  invalidValue,
  isObject,
  missing,
  wholeNumber,
} from './validation.ts';

const ROLES = ['system', 'assistant', 'user', 'function', 'tool', 'developer'] as const;

/** The parts of a chat completion request that the answer and its cost depend on. */
export interface ChatRequest {
  readonly model: string;
  /** All message text, which is what the estimate counts; not JSON punctuation. */
  readonly inputText: string;
  /** The last user message, for `answer: echo`. */
  readonly prompt: string;
  readonly n: number;
  readonly maxTokens?: number;
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

const CHECKS: readonly BodyCheck[] = [
  checkMessages,
  wholeNumber('max_tokens', 1),
  wholeNumber('max_completion_tokens', 1),
  wholeNumber('n', 1, 128),
  decimal('temperature', 0, 2),
  decimal('top_p', 0, 1),
  flag('stream'),
];

/** The first thing wrong with a chat body whose model is known to exist. */
export function checkChat(body: Body): Content | undefined {
  for (const check of CHECKS) {
    const wrong = check(body);
    if (wrong) return wrong;
  }
  return undefined;
}

function checkMessages({ messages }: Body): Content | undefined {
  if (messages === undefined || messages === null) return missing('messages');
  if (!Array.isArray(messages)) return invalidType('messages', 'an array of objects', messages);
  if (messages.length === 0) {
    const message =
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.";
    return invalidRequest(400, message, 'messages', 'empty_array');
  }
  for (const [index, message] of messages.entries()) {
    const wrong = checkMessage(message, `messages[${index}]`);
    if (wrong) return wrong;
  }
  return undefined;
}

function checkMessage(message: unknown, path: string): Content | undefined {
  if (!isObject(message)) return invalidType(path, 'an object', message);
  if (message.role === undefined) return missing(`${path}.role`);
  if (!ROLES.some((role) => role === message.role)) return invalidValue(`${path}.role`, String(message.role), ROLES);
  const { content } = message;
  const fine = typeof content === 'string' || content === null || content === undefined || Array.isArray(content);
  return fine ? undefined : invalidType(`${path}.content`, 'one of a string or array of objects', content);
}

/** Reads a body that `checkChat` has passed. */
export function readChat(body: Body): ChatRequest {
  const messages = body.messages as readonly Body[];
  const maxTokens = (body.max_completion_tokens ?? body.max_tokens ?? undefined) as number | undefined;
  const options = isObject(body.stream_options) ? body.stream_options : {};
  return {
    model: body.model as string,
    inputText: messages.map(textOf).join(''),
    prompt: textOf(messages.findLast(({ role }) => role === 'user')),
    n: (body.n ?? 1) as number,
    ...(maxTokens === undefined ? {} : { maxTokens }),
    stream: body.stream === true,
    includeUsage: options.include_usage === true,
  };
}

/** The text of a message, whose content is a string or a list of parts. */
function textOf(message: Body | undefined): string {
  const content = message?.content;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (isObject(part) && typeof part.text === 'string' ? part.text : '')).join('');
}
