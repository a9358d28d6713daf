import type { Tx } from '@daybook/platform/db';

/** Rows looked at, and the first bad one in words. */
export interface Looked {
  rows: number;
  bad?: string | null | undefined;
}

export interface Check {
  name: string;
  look(tx: Tx, companyId: string): Promise<Looked>;
}

export interface Finding {
  name: string;
  rows: number;
  ok: boolean;
  firstBad?: string;
}

/** Runs one check. */
export async function runCheck(check: Check, tx: Tx, companyId: string): Promise<Finding> {
  const { rows, bad } = await check.look(tx, companyId);
  const isBad = bad !== undefined && bad !== null;
  return { name: check.name, rows, ok: !isBad, ...(isBad && { firstBad: bad }) };
}

/** For queries that answer one row of `rows` and `bad`. */
export async function one(query: PromiseLike<Looked[]>): Promise<Looked> {
  const [looked] = await query;
  return looked ?? { rows: 0 };
}
