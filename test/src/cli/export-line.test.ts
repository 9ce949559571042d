import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { exportLine } from '../../../src/cli/export-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'quotalab-exports-'));

it.each([
  ["import x from 'x';\n\nexport default async (call) => x(call);\n", undefined, 3],
  ['function ask() {}\nexport { ask as default };\n', undefined, 2],
  ['// c\nmodule.exports = ask;\n', undefined, 2],
  ['export const a = 1;\nexport async function answer() {}\n', 'answer', 2],
  ['const answerAll = 1;\nexport const answerAll2 = 2, answer = 3;\nexport { answer };\n', 'answer', 3],
  ['export const a = 1;\nexport const $ask = () => 1;\n', '$ask', 2],
  ['nothing here\n', 'answer', 1],
])('%j, export %s: line %i', (source, exported, line) => {
  const file = join(folder, 'client.ts');
  writeFileSync(file, source);
  expect(exportLine(file, exported)).toBe(line);
});

it('a missing file: line 1', () => {
  expect(exportLine(join(folder, 'none.ts'))).toBe(1);
});
