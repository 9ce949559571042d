import type { PageTable } from '../../report/page/page-data.ts';

interface DataTableProps {
  readonly table: PageTable;
  /** Without a heading: the table stands below one. */
  readonly bare?: boolean;
}

/** A table with a heading; cells that begin with a number are right-aligned. */
export function DataTable({ table, bare = false }: DataTableProps) {
  const { title, about, columns, rows, marked } = table;
  return (
    <div class="table">
      {!bare && <h3>{title}</h3>}
      {about && <p class="quiet">{about}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reached by keys */}
      <section class="scroll" tabIndex={0} aria-label={title}>
        <table>
          <thead>
            <tr>
              {columns.map((column, index) => (
                <th key={index} scope="col" class={isNumeric(rows, index) ? 'number' : ''}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <tr key={index} class={index === marked ? 'marked' : ''}>
                {row.map((text, column) => {
                  const numeric = isNumeric(rows, column) ? 'number' : '';
                  return column === 0 ? (
                    <th key={column} scope="row" class={numeric}>
                      {text}
                    </th>
                  ) : (
                    <td key={column} class={numeric}>
                      {text}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}

function isNumeric(rows: PageTable['rows'], column: number): boolean {
  // A number with its unit, or none; a sentence that begins with a number is text.
  return (
    rows.length > 0 &&
    rows.every((row) => /^(?:[-−+]?[\d.,]+ ?[^\s\d]*|(?:\d+\w+){2,}|no data|–|)$/.test(row[column] ?? ''))
  );
}
