/** Writes the situations of `quotalab check` into docs/check.md; `npm run battery`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { BATTERY } from '../src/check/battery.ts';

const page = new URL('../docs/check.md', import.meta.url);

/** Returns the table between the markers of the page. */
export function batteryTable(): string {
  const rows = BATTERY.map(({ id, situation, verdicts, parts }) => {
    const answered = parts.thresholds?.call_failed ? ['answered'] : [];
    const bounds = parts.thresholds?.call_duration ? ['in time'] : [];
    return `| \`${id}\` | ${situation} | ${[...Object.keys(verdicts), ...answered, ...bounds].join(', ')} |`;
  });
  return ['| row | the client is | decided by |', '|---|---|---|', ...rows].join('\n');
}

if (process.argv[1] === import.meta.filename) {
  const text = readFileSync(page, 'utf8');
  writeFileSync(
    page,
    text.replace(/<!-- rows -->[\s\S]*?(?=\n\nA row is decided)/, `<!-- rows -->\n${batteryTable()}`),
  );
}
