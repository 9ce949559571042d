import type { BaselineComparison } from '../../check/check-baseline.ts';
import { type CheckTable, countRows } from '../../check/check-table.ts';
import { worstFirst } from '../../check/judge-row.ts';
import { rowChecks } from '../row-checks.ts';
import type { PageCommand, PageData } from './page-data.ts';
import { checkFinding, headlineOf } from './page-findings.ts';

interface CheckPageOptions {
  readonly comparison?: BaselineComparison | undefined;
  readonly tool: string;
  readonly again: readonly PageCommand[];
}

/** Returns the page of a check: what the client did wrong in which situation, what to change, and every situation. */
export function checkPage(table: CheckTable, { comparison, tool, again }: CheckPageOptions): PageData {
  const rows = worstFirst(table.rows);
  const findings = rowChecks(rows, comparison).map((check) => checkFinding(check));
  const { fail, warn, undecided, pass, 'not-applicable': leftOut } = countRows(rows);
  const counts = [
    [fail, 'failed'],
    [warn, 'warned'],
    [undecided, 'were not decided'],
    [pass, 'passed'],
    [leftOut, 'cannot arise for this client'],
  ] as const;
  const said = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return {
    kind: 'check',
    tool,
    name: table.client,
    facts: `${table.dialect} · ${table.time} time · seed ${table.seed}`,
    ...headlineOf(findings, false),
    story: [
      `The client was put into ${rows.length} situations: ${said.join(', ')}.`,
      ...(table.weaker === undefined ? [] : [`All rows prove less than in virtual time: ${table.weaker}.`]),
    ],
    findings,
    charts: [],
    leftOut: [],
    tables: [
      {
        title: 'Every situation',
        columns: ['situation', 'what happened to it', 'what the client did', 'result'],
        rows: rows.map(({ id, situation, did, verdict }) => [id, situation, did, verdict]),
      },
    ],
    again,
  };
}
