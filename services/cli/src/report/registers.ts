import { type Register, registerReport } from '@daybook/ledger/reports';
import { type Print, printSheet } from './printed.ts';

/** A register of what customers hold against the company (accounting.md H13). */
export function printRegister(register: Register): Print {
  return printSheet({
    load: (sql, companyId, range) => registerReport(sql, companyId, { ...range, register }),
    sheet({ rows, total }, show) {
      const amounts = ({ opening, issued, used, expired, open }: typeof total) =>
        [opening, issued, used, expired, open].map((minor) => show(minor));
      return {
        title: register.replace('-', ' '),
        head: ['Card or order', 'Customer', 'Opening', 'Issued', 'Used', 'Expired', 'Open'],
        rows: [
          ...rows.map((row) => [row.document || '(not named)', row.party, ...amounts(row)]),
          ['Total', '', ...amounts(total)],
        ],
        amounts: [2, 3, 4, 5, 6],
      };
    },
  });
}
