import { DIALECTS, type DialectName } from '../../mock-server/dialects/dialects.ts';
import type { CallSettings } from '../scenario/scenario.ts';
import { literal } from './python.ts';

/** Placeholders, replaced by Python names in the generated text. */
const PROMPT = '\u0000prompt';
const KEY = '\u0000key';

/** Default address of `quotalab serve`. */
const DEFAULT_SERVER = 'http://127.0.0.1:4010';

/** Returns the Python constants for the address of the provider and its requests. */
export function requestLines(dialect: DialectName, call: CallSettings): string[] {
  const { environment, reader } = DIALECTS[dialect];
  const { baseVariable, keyVariable, path, headers, body } = reader.promptFormat;
  const question = { ...call, prompt: PROMPT };
  const served = environment(DEFAULT_SERVER, 'sk-quotalab');
  const fields = Object.entries(headers(KEY)).map(([name, value]) => `${literal(name)}: ${withKey(value)}`);
  return [
    `BASE_URL = os.environ.get(${literal(baseVariable)}, ${literal(served[baseVariable]!)}).rstrip("/")`,
    `KEY = os.environ.get(${literal(keyVariable)}, ${literal(served[keyVariable]!)})`,
    `PATH = ${literal(path(question))}`,
    `HEADERS = {${fields.join(', ')}}`,
    '',
    '',
    'def body(prompt):',
    `    return ${literal(body(question)).replace(literal(PROMPT), 'prompt')}`,
    '',
    '',
    ...promptLines(call.prompt),
  ];
}

/** Returns a header value as a Python expression. A key can only be at its end. */
function withKey(value: string): string {
  if (value === KEY) return 'KEY';
  return value.endsWith(KEY) ? `${literal(value.slice(0, -KEY.length))} + KEY` : literal(value);
}

/** Enough words that random prompts differ. */
const WORDS = 'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt';

function promptLines(prompt: string | undefined): string[] {
  const head = 'def prompt_of(number):';
  if (prompt !== undefined) return [head, `    return ${literal(prompt)}.replace("{id}", str(number))`];
  return [
    `WORDS = ${literal(WORDS)}.split()`,
    '',
    '',
    head,
    '    # Random words and the number of the call: every request is different.',
    '    return " ".join(random.choices(WORDS, k=12)) + f" ({number})"',
  ];
}
