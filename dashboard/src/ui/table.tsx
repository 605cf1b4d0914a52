import { clsx } from 'clsx';
import { useId, useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import { defineTexts, useTexts } from '../text/texts.ts';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';

const TEXTS = defineTexts({
  en: { details: 'Details', region: (label: string) => `Table: ${label}` },
  de: { details: 'Einzelheiten', region: (label: string) => `Tabelle: ${label}` },
});

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
  /** Gives each row a button that shows more about it below the row. */
  readonly renderDetail?: (row: Row) => ReactNode;
  /** Shown instead of the rows when there are none. */
  readonly empty?: ReactNode;
  /** Limits the height. The rows scroll, and the header stays. */
  readonly className?: string;
}

const CELL = 'border-b border-line py-2 align-middle group-last:border-b-0';
const FROM = { sm: 'max-sm:hidden', md: 'max-md:hidden', lg: 'max-lg:hidden', xl: 'max-xl:hidden' } as const;

/** A table with a header that stays. It scrolls to the side when it is wider than the page. */
export function Table<Row>({ label, columns, rows, rowKey, rowHref, renderDetail, empty, className }: TableProps<Row>) {
  const t = useTexts(TEXTS);
  if (rows.length === 0 && empty !== undefined) return <>{empty}</>;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard
    <section aria-label={t.region(label)} tabIndex={0} className={clsx('overflow-auto', className)}>
      <table aria-label={label} className="w-full border-separate border-spacing-0 text-sm">
        <thead>
          <tr>
            {renderDetail !== undefined && (
              <th scope="col" className="sticky top-0 z-10 w-0 border-b border-line bg-surface">
                <span className="sr-only">{t.details}</span>
              </th>
            )}
            {columns.map((column) => (
              <HeaderCell key={column.id} column={column} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <BodyRow key={rowKey(row)} row={row} columns={columns} rowHref={rowHref} renderDetail={renderDetail} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function BodyRow<Row>({
  row,
  columns,
  rowHref,
  renderDetail,
}: Pick<TableProps<Row>, 'columns' | 'rowHref' | 'renderDetail'> & { readonly row: Row }) {
  const t = useTexts(TEXTS);
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <tr className={clsx('group', rowHref !== undefined && 'relative hover:bg-hover has-focus-visible:bg-hover')}>
        {renderDetail !== undefined && (
          <td className={clsx(CELL, 'w-0 pr-0 pl-2')}>
            <Button
              variant="ghost"
              size="sm"
              isSquare
              icon={isOpen ? 'chevron-down' : 'chevron-right'}
              aria-label={t.details}
              aria-expanded={isOpen}
              aria-controls={isOpen ? id : undefined}
              onClick={() => setOpen(!isOpen)}
            />
          </td>
        )}
        {columns.map((column, index) => (
          <td key={column.id} className={clsx(CELL, 'px-4', cellClasses(column))}>
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
      {isOpen && renderDetail !== undefined && (
        <tr id={id} className="group">
          <td colSpan={columns.length + 1} className={clsx(CELL, 'bg-canvas px-4')}>
            {renderDetail(row)}
          </td>
        </tr>
      )}
    </>
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
