import type { PageFinding } from '../../report/page/page-data.ts';
import type { Calls } from './call-data.ts';
import { type FilterFields, NO_FILTER } from './filter-calls.ts';

interface CallFiltersProps {
  readonly calls: Calls;
  readonly findings: readonly PageFinding[];
  readonly fields: FilterFields;
  readonly onChange: (fields: FilterFields) => void;
}

const RESULTS: readonly (readonly [string, string])[] = [
  ['ok', 'succeeded'],
  ['error', 'failed'],
  ['open', 'not ended'],
];

/** Search, and one choice for each fact by which the calls of this run differ. */
export function CallFilters({ calls, findings, fields, onChange }: CallFiltersProps) {
  const { columns, word } = calls;
  const wordsOf = (column: readonly number[]): [string, string][] =>
    [...new Set(column)]
      .map(word)
      .filter(Boolean)
      .sort()
      .map((text) => [text, text]);
  const proved = findings
    .filter(({ evidence }) => evidence.some(({ call }) => call !== undefined))
    .map(({ name }): [string, string] => [name, name]);
  const present = new Set(columns.result.map(word));
  const choices = [
    ['result', 'Result', RESULTS.filter(([result]) => present.has(result))],
    ['finding', 'Proof of', proved],
    ['model', 'Model', wordsOf(columns.attempt.model)],
    ['key', 'Key', wordsOf(columns.attempt.key)],
    ['load', 'Load', wordsOf(columns.load)],
  ] as const;
  const isFiltered = Object.values(fields).some((value) => value !== '');
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <label>
        Search
        <input
          type="search"
          value={fields.text}
          placeholder="#12, 429, timeout…"
          onInput={(event) => onChange({ ...fields, text: event.currentTarget.value })}
        />
      </label>
      {choices.flatMap(([name, label, options]) =>
        options.length < (name === 'finding' ? 1 : 2)
          ? []
          : [
              <label key={name}>
                {label}
                <select
                  value={fields[name]}
                  onChange={(event) => onChange({ ...fields, [name]: event.currentTarget.value })}
                >
                  <option value="">all</option>
                  {options.map(([value, text]) => (
                    <option key={value} value={value}>
                      {text}
                    </option>
                  ))}
                </select>
              </label>,
            ],
      )}
      <button type="button" disabled={!isFiltered} onClick={() => onChange(NO_FILTER)}>
        Show all
      </button>
    </form>
  );
}
