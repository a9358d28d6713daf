import { type BankFormat, type CsvMap, readBankFile } from '@daybook/domain';
import type { BankAccount } from '@daybook/ledger/bank/accounts';
import { type ImportedStatement, importStatements } from '@daybook/ledger/bank/import';
import type { WorkerDeps } from '../deps.ts';
import { type Matched, matchOpenLines } from './match.ts';

export interface BankImport {
  bytes: Uint8Array;
  format?: BankFormat | undefined;
  /** Column map of a CSV file; without it the account's own, else what can be recognised. */
  map?: CsvMap | undefined;
  by: string;
  /** Shows what would be stored, and keeps nothing. */
  dryRun?: boolean | undefined;
  tell?: ((text: string) => void) | undefined;
}

export interface ImportedFile {
  format: BankFormat;
  map: CsvMap | null;
  statements: ImportedStatement[];
  /** What became of the account's open lines; null after a dry run. */
  matching: Matched | null;
}

/**
 * Imports a bank's file into an account and matches what is open. Storing is one transaction; matching comes after
 * it and can be repeated. Throws BANK_FILE_INVALID, and then nothing is stored.
 */
export async function importBankFile(account: BankAccount, file: BankImport, deps: WorkerDeps): Promise<ImportedFile> {
  const { bytes, format, by, dryRun, tell } = file;
  const read = readBankFile(bytes, { format, map: file.map ?? account.csvMap, currency: account.currency });
  const shown = (what: string) => (done: number, of: number) => tell?.(`${done} of ${of} lines ${what}`);
  const wish = { bytes, by, now: deps.clock(), dryRun, tell: shown('stored') };
  const statements = await importStatements(deps.sql, account, read, wish);
  const [matching = null] = dryRun
    ? []
    : await matchOpenLines(account.companyId, { account, by, tell: shown('matched') }, deps);
  return { format: read.format, map: read.map, statements, matching };
}
