import { dialectOf } from '../../mock-server/dialects/dialects.ts';
import { QUESTION_FORMS } from '../../mock-server/dialects/question.ts';
import type { DialectName } from '../../mock-server/settings.ts';
import type { CallSettings } from '../scenario/scenario.ts';
import { literal } from './python.ts';

/** Where a prompt or a key goes; replaced by Python's names once all is text. */
const PROMPT = '\u0000prompt';
const KEY = '\u0000key';

/** Where `quotalab serve` listens by itself. */
const SERVED = 'http://127.0.0.1:4010';

/** The constants of the file that say where the provider is, and what is sent to it. */
export function requestLines(dialect: DialectName, call: CallSettings): string[] {
  const { baseVariable, keyVariable, path, headers, body } = QUESTION_FORMS[dialect];
  const asked = { ...call, prompt: PROMPT };
  const served = dialectOf({ dialect }).environment(SERVED, 'sk-quotalab');
  const fields = Object.entries(headers(KEY)).map(([name, value]) => `${literal(name)}: ${withKey(value)}`);
  return [
    `BASE_URL = os.environ.get(${literal(baseVariable)}, ${literal(served[baseVariable]!)}).rstrip("/")`,
    `KEY = os.environ.get(${literal(keyVariable)}, ${literal(served[keyVariable]!)})`,
    `PATH = ${literal(path(asked))}`,
    `HEADERS = {${fields.join(', ')}}`,
    '',
    '',
    'def body(prompt):',
    `    return ${literal(body(asked)).replace(literal(PROMPT), 'prompt')}`,
    '',
    '',
    ...promptLines(call.prompt),
  ];
}

/** A header's value as a Python expression: the key stands at its end, if it holds one. */
function withKey(value: string): string {
  if (value === KEY) return 'KEY';
  return value.endsWith(KEY) ? `${literal(value.slice(0, -KEY.length))} + KEY` : literal(value);
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
