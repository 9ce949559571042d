import { useEffect, useMemo, useState } from 'preact/hooks';
import type { PageFinding } from '../../report/page/page-data.ts';
import { formatCount } from '../components/duration.ts';
import { type Calls as CallsOfRun, callAt } from './call-data.ts';
import { CallFilters } from './call-filters.tsx';
import { CallTable } from './call-table.tsx';
import { type CallFilter, type FilterFields, filterCalls, NO_FILTER, type SortBy } from './filter-calls.ts';
import { Waterfall } from './waterfall.tsx';

/** What another part of the page asks for: one call, or the calls that prove a finding. */
export interface CallsRequest {
  readonly call?: number;
  readonly finding?: string;
}

interface CallsProps {
  readonly calls: CallsOfRun;
  readonly findings: readonly PageFinding[];
  readonly request: CallsRequest;
}

/** The waterfall of one call, and the table of all to choose it from. */
export function Calls({ calls, findings, request }: CallsProps) {
  const [fields, setFields] = useState<FilterFields>(NO_FILTER);
  const [sort, setSort] = useState<{ by: SortBy; descending: boolean }>({ by: 'start', descending: false });
  const [chosen, choose] = useState<number>(() => firstCall(calls, findings));
  useEffect(() => {
    if (request.finding !== undefined) setFields({ ...NO_FILTER, finding: request.finding });
    if (request.call === undefined) return;
    const row = calls.rowOf(request.call);
    if (row === undefined) return;
    choose(row);
    document.getElementById('call-title')?.focus({ preventScroll: true });
  }, [request]);
  const rows = useMemo(
    () => filterCalls(calls, resolve(fields, findings), sort.by, sort.descending),
    [fields, sort, calls],
  );
  const { total } = calls.columns;
  const shown =
    calls.count < total
      ? ` The page holds ${formatCount(calls.count)} of the ${formatCount(total)} calls of the run, those that prove a verdict among them.`
      : '';
  return (
    <div class="calls">
      <Waterfall call={callAt(calls, chosen)} />
      <div>
        <CallFilters calls={calls} findings={findings} fields={fields} onChange={setFields} />
        <p class="quiet" role="status">
          {formatCount(rows.length)} of {formatCount(calls.count)} calls.{shown}
        </p>
        <p class="quiet on-paper">On paper: the calls that were on the screen.</p>
        <CallTable {...{ calls, rows, chosen, sort }} onChoose={choose} onSort={setSort} />
      </div>
    </div>
  );
}

/** The clearest proof of what is wrong; else the call that took longest. */
function firstCall(calls: CallsOfRun, findings: readonly PageFinding[]): number {
  const wrong = findings.toSorted((a, b) => Number(b.failsRun) - Number(a.failsRun));
  for (const { outcome, evidence } of wrong) {
    if (outcome !== 'failed' && outcome !== 'warned') continue;
    for (const { call } of evidence) {
      const row = call === undefined ? undefined : calls.rowOf(call);
      if (row !== undefined) return row;
    }
  }
  const { ended } = calls.columns;
  return ended.reduce((longest, us, row) => (us > ended[longest]! ? row : longest), 0);
}

function resolve(fields: FilterFields, findings: readonly PageFinding[]): CallFilter {
  const finding = findings.find(({ name }) => name === fields.finding);
  const proofs = finding && new Set(finding.evidence.flatMap(({ call }) => call ?? []));
  return { ...fields, proofs };
}
