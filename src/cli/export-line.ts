import { readFileSync } from 'node:fs';

/** Returns the 1-based line on which a module exports a function, by default its default export; 1 if none is found. */
export function exportLine(module: string, exported = 'default'): number {
  let lines: readonly string[];
  try {
    lines = readFileSync(module, 'utf8').split('\n');
  } catch {
    return 1;
  }
  const name = exported.replaceAll('$', '\\$');
  const forms =
    exported === 'default'
      ? [/^\s*export\s+default\b/, /^\s*export\s*\{.*\bas\s+default\b/, /^\s*(module\.exports|exports\.default)\s*=/]
      : [
          new RegExp(`^\\s*export\\s+(async\\s+)?(function\\b\\s*\\*?|const|let|var|class)\\s+${name}(?![\\w$])`),
          new RegExp(`^\\s*export\\s*\\{.*(?<![\\w$])${name}(?![\\w$])`),
          new RegExp(`^\\s*(module\\.)?exports\\.${name}\\s*=`),
        ];
  for (const form of forms) {
    const index = lines.findIndex((line) => form.test(line));
    if (index >= 0) return index + 1;
  }
  return 1;
}
