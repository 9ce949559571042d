import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ERROR_CODES } from '../mock-server/error-codes.ts';
import { errorsPage } from '../scripts/errors-page.ts';

const root = new URL('..', import.meta.url);

it('docs/errors.md is up to date (npm run errors)', () => {
  expect(readFileSync(new URL('docs/errors.md', root), 'utf8')).toBe(errorsPage());
});

it('every error code is thrown somewhere', () => {
  const sources = ['mock-server', 'src'].flatMap((top) =>
    readdirSync(new URL(top, root), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && name !== 'error-codes.ts')
      .map((name) => readFileSync(new URL(`${top}/${name}`, root), 'utf8')),
  );
  const text = sources.join('\n');
  expect(Object.keys(ERROR_CODES).filter((code) => !text.includes(`'${code}'`))).toEqual([]);
});
