import type { PageData } from '../../report/page/page-data.ts';
import type { Theme } from '../components/theme.ts';

const OUTCOMES = {
  passed: ['✓', 'Passed'],
  failed: ['✗', 'Failed'],
  incomplete: ['!', 'Incomplete'],
  answer: ['', ''],
} as const;

interface HeadProps {
  readonly data: PageData;
  readonly theme: Theme;
  readonly onTheme: () => void;
}

/** The result in one line, what was run, and the way to each section. */
export function Head({ data, theme, onTheme }: HeadProps) {
  const { name, outcome, headline, facts, charts, calls, tables, scenario, again } = data;
  const [mark, word] = OUTCOMES[outcome];
  const sections = [
    ['answer', 'Answer', true],
    ['charts', 'Charts', charts.length > 0],
    ['calls', 'Calls', calls !== undefined],
    ['figures', 'Figures', tables.length > 0],
    ['scenario', 'Scenario', scenario !== undefined],
    ['again', 'Run it again', again.length > 0],
  ] as const;
  return (
    <>
      <nav aria-label="Sections">
        <span class={`dot ${outcome}`} aria-hidden="true" />
        <ul>
          {sections.flatMap(([id, label, isThere]) =>
            isThere
              ? [
                  <li key={id}>
                    <a href={`#${id}`}>{label}</a>
                  </li>,
                ]
              : [],
          )}
        </ul>
        <button type="button" onClick={onTheme} aria-label={theme === 'dark' ? 'Light page' : 'Dark page'}>
          {theme === 'dark' ? '☀' : '☾'}
        </button>
      </nav>
      <header>
        <p class="quiet">{name}</p>
        <h1 class={outcome}>
          {mark && <span aria-hidden="true">{mark} </span>}
          {word}
          {word && headline ? (outcome === 'failed' ? ': ' : ', ') : ''}
          {headline}
        </h1>
        <p class="quiet">{facts}</p>
      </header>
    </>
  );
}
