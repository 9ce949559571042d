import { expect, it } from 'vitest';
import { guardOutput } from '../../src/cli/guard-output.ts';

/** A stream that keeps what it was given. */
function stream(): { stream: NodeJS.WriteStream; written: () => string } {
  let text = '';
  const kept = {
    write(piece: string) {
      text += piece;
      return true;
    },
  };
  return { stream: kept as unknown as NodeJS.WriteStream, written: () => text };
}

const FOREIGN = 'evil\u001b]0;title\u0007\u001b[2J\r\u001b[K\u009b1m';
const SHOWN = 'evil\\u001b]0;title\\u0007\\u001b[2J\\u000d\\u001b[K\\u009b1m';

it.each([
  ['without colours everything is shown', false, `\u001b[31m${FOREIGN}`, `\\u001b[31m${SHOWN}`],
  [
    'with colours only those of quotalab are obeyed',
    true,
    `\u001b[31m${FOREIGN}\u001b[0m`,
    `\u001b[31m${SHOWN}\u001b[0m`,
  ],
  ['a line is rewritten only from the start of a text', true, `\r\u001b[K${FOREIGN}`, `\r\u001b[K${SHOWN}`],
  ['lines and tabs stay', false, 'a\n\tb\r\n', 'a\n\tb\n'],
])('%s', (_, hasColor, given, expected) => {
  const { stream: output, written } = stream();
  guardOutput(
    output,
    (text) => text,
    () => ({ color: hasColor, rewrite: hasColor }),
  );
  output.write(given);
  expect(written()).toBe(expected);
});

it('what must be hidden is, before anything else', () => {
  const { stream: output, written } = stream();
  guardOutput(
    output,
    (text) => text.replaceAll('key\u0007', '…'),
    () => ({ color: true, rewrite: true }),
  );
  output.write('a key\u0007 b');
  expect(written()).toBe('a … b');
});

it('a terminal without colours still rewrites its line', () => {
  const { stream: output, written } = stream();
  guardOutput(
    output,
    (text) => text,
    () => ({ color: false, rewrite: true }),
  );
  output.write('\r\u001b[K  \u001b[31mbusy');
  expect(written()).toBe('\r\u001b[K  \\u001b[31mbusy');
});
