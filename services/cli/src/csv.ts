import { UsageError } from './terminal.ts';

/** A record of a CSV file with the line it begins on, counted from 1. */
export interface CsvRecord {
  line: number;
  fields: string[];
}

const FIELD = /(?:"((?:[^"]|"")*)"|([^",;\r\n]*))(,|;|\r?\n|$)/y;

/**
 * Records of CSV after RFC 4180, separated by commas, or by semicolons where the first line has more of those. Empty
 * lines are left out. Throws UsageError naming the line of a quote that is not closed or stands inside a field.
 */
export function parseCsv(text: string): CsvRecord[] {
  const [head = ''] = text.split(/\r?\n/, 1);
  const separator = head.split(';').length > head.split(',').length ? ';' : ',';
  const other = separator === ';' ? ',' : ';';
  const records: CsvRecord[] = [];
  let open: CsvRecord = { line: 1, fields: [] };
  let line = 1;
  let field = '';
  for (let at = 0; at < text.length; ) {
    FIELD.lastIndex = at;
    const found = FIELD.exec(text);
    if (!found || found[0] === '')
      throw new UsageError(`line ${line} is not CSV: a quote is not closed, or not doubled`);
    const [whole, quoted, plain = '', end = ''] = found;
    field += quoted === undefined ? plain : quoted.replaceAll('""', '"');
    at += whole.length;
    line += whole.split('\n').length - 1;
    if (end === other) {
      field += end;
      continue;
    }
    open.fields.push(field);
    field = '';
    if (end === separator && at < text.length) continue;
    if (open.fields.some((each) => each !== '')) records.push(open);
    open = { line, fields: [] };
  }
  return records;
}
