import { clsx } from 'clsx';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Icon } from './icon.tsx';

export interface Column<Row> {
  readonly id: string;
  readonly header: ReactNode;
  /** The content of a cell. */
  readonly cell: (row: Row) => ReactNode;
  readonly align?: 'start' | 'end';
  /** The narrowest width of the page at which the column is shown. Default: always. */
  readonly from?: 'sm' | 'md' | 'lg' | 'xl';
  /** Classes such as a width. */
  readonly className?: string;
  /** The order of the column. With `onSort`, its header is a button. */
  readonly sorted?: 'ascending' | 'descending' | 'none';
  readonly onSort?: () => void;
}

export interface TableProps<Row> {
  /** Name of the table for screen readers. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** Makes the first cell of each row a link, and the whole row clickable. */
  readonly rowHref?: (row: Row) => string;
  /** Shown instead of the rows when there are none. */
  readonly empty?: ReactNode;
  /** Limits the height. The rows scroll, and the header stays. */
  readonly className?: string;
}

const FROM = { sm: 'max-sm:hidden', md: 'max-md:hidden', lg: 'max-lg:hidden', xl: 'max-xl:hidden' } as const;

/** A table with a header that stays. It scrolls to the side when it is wider than the page. */
export function Table<Row>({ label, columns, rows, rowKey, rowHref, empty, className }: TableProps<Row>) {
  if (rows.length === 0 && empty !== undefined) return <>{empty}</>;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard
    <section aria-label={label} tabIndex={0} className={clsx('overflow-auto', className)}>
      <table aria-label={label} className="w-full border-separate border-spacing-0 text-sm">
        <thead>
          <tr>
            {columns.map((column) => (
              <HeaderCell key={column.id} column={column} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr
              key={rowKey(row)}
              className={clsx('group', rowHref !== undefined && 'relative hover:bg-hover has-focus-visible:bg-hover')}
            >
              {columns.map((column, index) => (
                <td
                  key={column.id}
                  className={clsx(
                    'border-b border-line px-4 py-2 align-middle group-last:border-b-0',
                    cellClasses(column),
                  )}
                >
                  {index === 0 && rowHref !== undefined ? (
                    <Link href={rowHref(row)} className="font-medium after:absolute after:inset-0">
                      {column.cell(row)}
                    </Link>
                  ) : (
                    column.cell(row)
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function HeaderCell<Row>({ column }: { readonly column: Column<Row> }) {
  const { header, sorted, onSort } = column;
  return (
    <th
      scope="col"
      aria-sort={onSort === undefined ? undefined : (sorted ?? 'none')}
      className={clsx(
        'sticky top-0 z-10 border-b border-line bg-surface px-4 py-2 text-left text-xs font-medium whitespace-nowrap text-muted',
        cellClasses(column),
      )}
    >
      {onSort === undefined ? (
        header
      ) : (
        <button type="button" onClick={onSort} className="inline-flex items-center gap-1 rounded-sm hover:text-fg">
          {header}
          <Icon
            name={sorted === 'ascending' ? 'arrow-up' : sorted === 'descending' ? 'arrow-down' : 'chevrons'}
            className="size-3.5"
          />
        </button>
      )}
    </th>
  );
}

function cellClasses<Row>({ align, from, className }: Column<Row>): string {
  return clsx(align === 'end' && 'text-right', from !== undefined && FROM[from], className);
}
