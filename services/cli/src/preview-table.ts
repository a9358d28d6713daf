import { formatMinor, type ResolvedEntry } from '@daybook/domain';
import type { Preview } from './preview-events.ts';
import { drawTable } from './table.ts';

/** A preview for a person: one table of entries, one of documents, then what was refused or skipped. */
export function previewTable(preview: Preview): string {
  const parts = [
    `Journal entries in ${preview.currency}\n${entriesTable(preview)}`,
    preview.documents.length === 0 ? 'No documents.\n' : `Documents\n${documentsTable(preview)}`,
    ...preview.refused.map((each) => `REFUSED  ${each.event}: ${each.message} [${each.code}]\n`),
    ...preview.skipped.map((each) => `skipped  ${each.event}: ${each.reason}\n`),
  ];
  return parts.join('\n');
}

function entriesTable({ entries, currency }: Preview): string {
  const show = (minor: bigint) => (minor > 0n ? formatMinor(minor, currency) : '');
  const rows = entries.flatMap((entry) =>
    entry.lines.map((line, index) => [
      ...(index === 0 ? headOf(entry) : ['', '']),
      line.account,
      line.role,
      show(line.amount),
      show(-line.amount),
      line.taxCode ?? '',
    ]),
  );
  const sum = (side: (amount: bigint) => boolean) =>
    entries.flatMap(({ lines }) => lines).reduce((all, { amount }) => (side(amount) ? all + amount : all), 0n);
  const total = ['', 'Total', '', '', show(sum((amount) => amount > 0n)), show(-sum((amount) => amount < 0n)), ''];
  return drawTable(['Date', 'Entry', 'Account', 'Role', 'Debit', 'Credit', 'Tax'], [...rows, total], [4, 5]);
}

function headOf(entry: ResolvedEntry): string[] {
  return [entry.postingDate, `${entry.entryType} ${entry.memo}`];
}

function documentsTable({ documents }: Preview): string {
  const rows = documents.map((each) => [
    each.date,
    each.kind.replace('_', ' '),
    each.number,
    each.reference,
    each.currency,
    formatMinor('total' in each ? each.total : each.amount, each.currency),
    'tax' in each ? formatMinor(each.tax, each.currency) : '',
  ]);
  return drawTable(['Date', 'Document', 'Number', 'Reference', 'Currency', 'Amount', 'of it tax'], rows, [5, 6]);
}
