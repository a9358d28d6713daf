import type { Tx } from '@daybook/platform/db';
import { beancount } from './beancount.ts';
import type { JournalFormat, Moved } from './book.ts';
import { csv } from './csv.ts';
import { datevFiles } from './datev/files.ts';
import { bookOf, type Extent, pagesOf } from './extent.ts';
import { hledger } from './hledger.ts';

export const EXPORT_FORMATS = ['hledger', 'beancount', 'csv', 'datev'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** A piece of one of the files of an export. */
export interface FilePiece {
  file: string;
  bytes: Buffer;
  /** What the piece moves, and how many entries it tells. */
  moved: Moved[];
  entries: number;
}

/** How a format makes its files. */
export interface FileFormat {
  files(tx: Tx, extent: Extent): AsyncGenerator<FilePiece>;
  /** Whether entries that open or close books are left out. */
  flow: boolean;
  /** What is exported when nothing else is asked for. */
  scope: 'all' | 'new';
  /** Whether a part of the journal makes a file of its own sense. */
  parts: boolean;
  /** Whether debits and credits of an account are compared with the trial balance each, or their difference. */
  compares: 'turnover' | 'net';
}

/** The formats of accounting.md I. */
export const FORMATS: Readonly<Record<ExportFormat, FileFormat>> = {
  hledger: { ...journalFile(hledger, 'journal', true), parts: true },
  beancount: { ...journalFile(beancount, 'beancount', true), parts: false },
  csv: { ...journalFile(csv, 'csv', false), parts: true },
  datev: { files: datevFiles, flow: true, scope: 'new', parts: true, compares: 'net' },
};

/** One file with the whole journal of the days. Balances make sense only where all entries of the days are told. */
function journalFile(format: JournalFormat, extension: string, balances: boolean): FileFormat {
  return {
    async *files(tx, extent) {
      const book = await bookOf(tx, extent, balances && extent.scope === 'all');
      const file = `${book.company}-${extent.from}-${extent.to}.${extension}`;
      yield pieceOf(file, format.head(book));
      for await (const page of pagesOf(tx, extent)) {
        const pieces = page.map((entry) => format.entry(entry, book));
        const moved = pieces.flatMap((piece) => piece.moved);
        yield { ...pieceOf(file, pieces.map(({ text }) => text).join('')), moved, entries: page.length };
      }
      yield pieceOf(file, format.foot(book));
    },
    flow: false,
    scope: 'all',
    parts: true,
    compares: 'turnover',
  };
}

function pieceOf(file: string, text: string): FilePiece {
  return { file, bytes: Buffer.from(text), moved: [], entries: 0 };
}
