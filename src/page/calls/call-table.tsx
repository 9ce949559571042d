import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef } from 'preact/hooks';
import { formatUs } from '../components/duration.ts';
import { type Calls, type CallView, callAt } from './call-data.ts';
import type { SortBy } from './filter-calls.ts';

const ROW_PX = 32;

interface Sort {
  readonly by: SortBy;
  readonly descending: boolean;
}

interface CallTableProps {
  readonly calls: Calls;
  readonly rows: Int32Array;
  readonly chosen: number;
  readonly sort: Sort;
  readonly onChoose: (row: number) => void;
  readonly onSort: (sort: Sort) => void;
}

const COLUMNS: readonly (readonly [title: string, by?: SortBy])[] = [
  ['call'],
  ['start', 'start'],
  ['took', 'took'],
  ['result'],
  ['tries', 'attempts'],
  ['how it went'],
];

/** The calls as a table of which only the rows in sight exist. Arrow keys move from row to row. */
export function CallTable({ calls, rows, chosen, sort, onChoose, onSort }: CallTableProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const virtual = useVirtualRows(scroll, rows.length);
  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const focusRow = (index: number): void => {
    if (index < 0 || index >= rows.length) return;
    virtual.scrollToIndex(index);
    requestAnimationFrame(() => scroll.current?.querySelector<HTMLElement>(`[data-index="${index}"] button`)?.focus());
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = (event.target as HTMLElement).closest('tr')?.dataset.index;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (at === undefined || step === undefined) return;
    event.preventDefault();
    focusRow(Math.min(rows.length - 1, Math.max(0, Number(at) + step)));
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reached by keys
    <section class="scroll rows" ref={scroll} tabIndex={0} aria-label="Calls" onKeyDown={onKeyDown}>
      <table aria-rowcount={rows.length + 1}>
        <TableHead sort={sort} onSort={onSort} />
        <tbody>
          {before > 0 && <Spacer height={before} />}
          {items.map(({ index }) => {
            const row = rows[index]!;
            const call = callAt(calls, row);
            return <CallRow key={row} {...{ call, index }} chosen={row === chosen} onChoose={() => onChoose(row)} />;
          })}
          {after > 0 && <Spacer height={after} />}
        </tbody>
      </table>
    </section>
  );
}

function useVirtualRows(
  scroll: { readonly current: HTMLDivElement | null },
  count: number,
): Virtualizer<HTMLDivElement, Element> {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const options = {
    count,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    initialRect: { width: 800, height: 480 },
    onChange: () => redraw(undefined as never),
  };
  const virtual = useMemo(() => new Virtualizer<HTMLDivElement, Element>(options), []);
  virtual.setOptions(options);
  useEffect(() => virtual._didMount(), []);
  useLayoutEffect(() => virtual._willUpdate());
  return virtual;
}

function Spacer({ height }: { readonly height: number }) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row without content takes no focus
    <tr aria-hidden="true" style={{ height: `${height}px` }}>
      <td colSpan={COLUMNS.length} />
    </tr>
  );
}

function TableHead({ sort, onSort }: { readonly sort: Sort; readonly onSort: (sort: Sort) => void }) {
  return (
    <thead>
      <tr>
        {COLUMNS.map(([title, by]) => {
          if (!by)
            return (
              <th key={title} scope="col">
                {title}
              </th>
            );
          const isSorted = sort.by === by;
          const descending = isSorted ? !sort.descending : by !== 'start';
          return (
            <th
              key={title}
              scope="col"
              class="number"
              aria-sort={isSorted ? (sort.descending ? 'descending' : 'ascending') : 'none'}
            >
              <button type="button" class="sort" onClick={() => onSort({ by, descending })}>
                {title}
                <span aria-hidden="true">{isSorted ? (sort.descending ? ' ▾' : ' ▴') : ' ▸'}</span>
              </button>
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

const RESULT_WORDS = { ok: 'succeeded', error: 'failed', open: 'not ended' } as const;

interface CallRowProps {
  readonly call: CallView;
  readonly index: number;
  readonly chosen: boolean;
  readonly onChoose: () => void;
}

function CallRow({ call, index, chosen, onChoose }: CallRowProps) {
  const { id, scheduledUs, tookUs, result, attempts } = call;
  return (
    <tr data-index={index} aria-rowindex={index + 2} class={chosen ? 'marked' : ''} onClick={onChoose}>
      <th scope="row">
        <button type="button" class="link" aria-pressed={chosen} tabIndex={chosen || index === 0 ? 0 : -1}>
          #{id}
        </button>
      </th>
      <td class="number">{formatUs(scheduledUs)}</td>
      <td class="number">{formatUs(tookUs)}</td>
      <td class={result}>{RESULT_WORDS[result]}</td>
      <td class="number">{attempts.length}</td>
      <td class="how">{describe(call)}</td>
    </tr>
  );
}

/** The attempts of a call as their statuses; the last word is the error of the call. */
function describe({ attempts, error }: CallView): string {
  const steps = attempts.map(({ status, ending, reason }) =>
    ending === 'answered' ? String(status) : `${status || ending}${reason ? ` ${reason}` : ''}`,
  );
  const shown = steps.length > 4 ? [...steps.slice(0, 2), `… ${steps.length - 3} more`, steps.at(-1)!] : steps;
  return `${shown.join(' → ')}${error ? ` · ${error}` : ''}`;
}
