/** Lines of one form that are shown; the others are counted. */
const SHOWN = 3;

/** Forms that are told apart; lines of further ones are all shown. */
const MOST_FORMS = 1000;

interface Form {
  readonly line: string;
  count: number;
}

/**
 * Folds what a client prints again and again: lines that differ only in their numbers are shown three times, then counted.
 * `take` returns what to print of some whole lines; `rest`, at the end, what was left out, as `×247 more like: …`.
 */
export function createLineFold(): { take(text: string): string; rest(): string } {
  const forms = new Map<string, Form>();
  const isShown = (line: string): boolean => {
    const form = line.replace(/\d+/g, '0');
    const known = forms.get(form);
    if (known) return ++known.count <= SHOWN;
    if (line.trim() !== '' && forms.size < MOST_FORMS) forms.set(form, { line, count: 1 });
    return true;
  };
  return {
    take(text) {
      const lines = text.split(/(?<=\n)/);
      return lines.filter((line) => isShown(line.replace(/\n$/, ''))).join('');
    },
    rest() {
      const folded = [...forms.values()].filter(({ count }) => count > SHOWN);
      forms.clear();
      return folded.map(({ line, count }) => `×${count - SHOWN} more like: ${line}\n`).join('');
    },
  };
}
