import { parseLimitText } from './limit-text.ts';
import type { Path } from './path.ts';

interface ShortForm {
  /** The path of what may be written short; `*` stands for any key or index. */
  readonly at: readonly string[];
  expand(text: string): Record<string, unknown> | undefined;
}

const SHORT_FORMS: readonly ShortForm[] = [
  { at: ['verdicts', '*'], expand: (severity) => ({ severity }) },
  { at: ['thresholds', '*', '*'], expand: (threshold) => ({ threshold }) },
  { at: ['client'], expand: (module) => ({ module }) },
  // A word alone is the name of a profile, which has several limits.
  { at: ['provider', 'limits', '*'], expand: (text) => (/\s/.test(text.trim()) ? parseLimitText(text) : undefined) },
];

/** Returns the block that a text stands for, such as `{ severity: error }` for `error` of a verdict; undefined if none. */
export function expandShortForm(path: Path, value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'string') return undefined;
  const form = SHORT_FORMS.find(
    ({ at }) => at.length === path.length && at.every((step, depth) => step === '*' || step === path[depth]),
  );
  return form?.expand(value);
}
