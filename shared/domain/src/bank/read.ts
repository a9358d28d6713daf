import { readCamt } from './camt.ts';
import { readCsv } from './csv.ts';
import { type CsvMap, detectCsvMap } from './csv-map.ts';
import { decodeText } from './decode.ts';
import { readMt940 } from './mt940.ts';
import { readOfx } from './ofx.ts';
import { type BankStatement, unreadable } from './statement.ts';

export const BANK_FORMATS = ['camt', 'mt940', 'ofx', 'csv'] as const;
export type BankFormat = (typeof BANK_FORMATS)[number];

/** How a file is to be read; what is left out is recognised. */
export interface ReadAs {
  format?: BankFormat | undefined;
  map?: CsvMap | null | undefined;
  /** Currency of the account: CSV files rarely say it. */
  currency: string;
}

/** What a file holds; `map` is the column map that a CSV file was read with. */
export interface BankFile {
  format: BankFormat;
  map: CsvMap | null;
  statements: BankStatement[];
}

/** Reads a file of a bank. Throws BANK_FILE_INVALID with what is wrong, where, and what to do. */
export function readBankFile(bytes: Uint8Array, { format, map, currency }: ReadAs): BankFile {
  const text = decodeText(bytes, map?.encoding);
  const found = format ?? formatOf(text);
  if (found === 'camt') return { format: found, map: null, statements: readCamt(text) };
  if (found === 'mt940') return { format: found, map: null, statements: readMt940(text) };
  if (found === 'ofx') return { format: found, map: null, statements: readOfx(text) };
  const known = map ?? detectCsvMap(text);
  if (typeof known !== 'string') return { format: found, map: known, statements: readCsv(text, known, currency) };
  throw unreadable(`The file is none of CAMT.053, MT940 and OFX, and as CSV it needs a column map: ${known}.`);
}

function formatOf(text: string): BankFormat {
  const head = text.slice(0, 4000);
  if (/<OFX>|^\s*OFXHEADER/im.test(head)) return 'ofx';
  if (/^\s*<(\?xml|[\w:]*Document\b)/.test(head)) return 'camt';
  return /^:(20|25|60[FM]):/m.test(head) ? 'mt940' : 'csv';
}
