import { expect, it } from 'vitest';
import { commandText } from '../../../src/run/command-text.ts';

it.each([
  [['pytest', 'tests/', '-x'], 'pytest tests/ -x'],
  [['sh', '-c', 'echo "a"\n  exit 1'], `sh -c 'echo "a" exit 1'`],
  [['echo', "it's"], `echo 'it'\\''s'`],
  [['client', '--api-key', 'abcdef', '--model', 'gpt-4o'], 'client --api-key … --model gpt-4o'],
  [['client', '--api-key=abcdef', '--token', '--verbose'], 'client --api-key=… --token --verbose'],
  [['env', 'OPENAI_API_KEY=abcdef', 'client'], 'env OPENAI_API_KEY=… client'],
  [['client', 'sk-proj-0123456789abcdef'], 'client …'],
  [['curl', '-H', 'authorization: Bearer sk-0123456789abcdef'], "curl -H 'authorization: Bearer …'"],
])('%j is shown as %s', (command, text) => {
  expect(commandText(command)).toBe(text);
});
