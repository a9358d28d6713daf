import { boxesOf, DomainError, type TaxBoxes } from '@daybook/domain';
import type { Queryable, Tx } from '@daybook/platform/db';

/** A tax code as people see it: what it says, the boxes that hold, and the accounts its lines go to. */
export interface TaxCodeRow {
  code: string;
  /** Percent; null for the code of a jurisdiction that was made of a tax's name. */
  rate: string | null;
  label: string;
  /** Suffix of `sales.revenue.*` for lines of this code. */
  revenue: string;
  reverseCharge: boolean;
  /** Boxes of the return by tax kind, and whether the code names them itself; null = on no return by nobody's decision. */
  boxes: TaxBoxes | null;
  ownBoxes: boolean;
  accounts: { output: string | null; input: string | null; revenue: string | null };
}

/** Tax codes of a company, by code. */
export async function taxCodeRows(sql: Queryable, companyId: string): Promise<TaxCodeRow[]> {
  const rows = await sql<(Omit<TaxCodeRow, 'boxes' | 'ownBoxes'> & { country: string; own: TaxBoxes | null })[]>`
    select t.code, trim_scale(t.rate)::text as rate, t.label, t.revenue, c.country, t.boxes as own,
      coalesce(t.reverse_charge, t.code ~ '^RC[0-9.]*$') as "reverseCharge",
      json_build_object(
        'output', ${accountOf(sql, 'tax.output', sql`array[t.code, trim_scale(t.rate)::text]`)},
        'input', ${accountOf(sql, 'tax.input', sql`array[t.code, trim_scale(t.rate)::text]`)},
        'revenue', ${accountOf(sql, 'sales.revenue', sql`array[t.revenue]`)}) as accounts
    from tax_codes t join companies c on c.id = t.company_id where t.company_id = ${companyId} order by t.code`;
  return rows.map(({ country, own, ...row }) => {
    const boxes = boxesOf({ code: row.code, ...(own && { boxes: own }) }, country) ?? null;
    return { ...row, boxes, ownBoxes: own !== null };
  });
}

/** A tax code that is there. */
export async function taxCodeRow(sql: Queryable, companyId: string, code: string): Promise<TaxCodeRow> {
  const rows = await taxCodeRows(sql, companyId);
  return rows.find((row) => row.code === code) as TaxCodeRow;
}

/** The account of the most special role that one plays: per code, per rate, one for all. */
function accountOf(sql: Queryable, role: string, parts: ReturnType<typeof sql>) {
  return sql`(
    select r.account from account_roles r where r.company_id = t.company_id
      and (r.role = ${role} or r.role = any(select ${role} || '.' || part from unnest(${parts}) as part))
    order by r.role = ${role}, array_position(${parts}, substring(r.role from ${role.length + 2}::int)) limit 1)`;
}

/** What is to hold of a code; what is left out stays as it is, or is the default of a new one. */
export interface TaxCodeChange {
  code: string;
  rate?: string | undefined;
  label?: string | undefined;
  /** Suffix of `sales.revenue.*`; with an account for revenue the code itself. */
  revenue?: string | undefined;
  reverseCharge?: boolean | undefined;
  /** Null = the boxes of the country's return for a code of this name. */
  boxes?: TaxBoxes | null | undefined;
  accounts?: { output?: string | undefined; input?: string | undefined; revenue?: string | undefined } | undefined;
}

/**
 * Adds a tax code or changes it, with the accounts that play `tax.output.<code>`, `tax.input.<code>` and
 * `sales.revenue.<code>`. What is posted or filed stays as it is. Throws TAX_CODE_INVALID for a name that cannot be one,
 * a new code without rate, and an account that the chart lacks.
 */
export async function putTaxCode(tx: Tx, companyId: string, change: TaxCodeChange): Promise<void> {
  const { code, rate, label, reverseCharge, boxes, accounts = {} } = change;
  const refuse = (why: string) => {
    throw new DomainError('TAX_CODE_INVALID', `Tax code "${code}" cannot be kept: ${why}`, code);
  };
  if (!/^[^+\s](?:[^+\n]{0,38}[^+\s])?$/.test(code))
    refuse('a code has 1 to 40 characters and no "+", which joins codes.');
  const [standing] = await tx`select 1 from tax_codes where company_id = ${companyId} and code = ${code}`;
  if (!standing && rate === undefined) refuse('a new code needs a rate in percent, such as 19 or 0.');
  const revenue = change.revenue ?? (accounts.revenue === undefined ? undefined : code);
  await tx`
    insert into tax_codes (company_id, code, rate, label, revenue, reverse_charge, boxes)
    values (${companyId}, ${code}, ${rate ?? null}, ${label ?? code}, ${revenue ?? 'standard'}, ${reverseCharge ?? null},
      ${boxes ? JSON.stringify(boxes) : null}::jsonb)
    on conflict (company_id, code) do update set rate = coalesce(excluded.rate, tax_codes.rate),
      label = coalesce(${label ?? null}, tax_codes.label), revenue = coalesce(${revenue ?? null}, tax_codes.revenue),
      reverse_charge = coalesce(excluded.reverse_charge, tax_codes.reverse_charge),
      boxes = case when ${boxes === undefined} then tax_codes.boxes else excluded.boxes end`;
  const roles = [
    [`tax.output.${code}`, accounts.output],
    [`tax.input.${code}`, accounts.input],
    [`sales.revenue.${revenue}`, accounts.revenue],
  ] as const;
  for (const [role, account] of roles) {
    if (account !== undefined) await play(tx, companyId, { role, account }, refuse);
  }
}

async function play(
  tx: Tx,
  companyId: string,
  { role, account }: { role: string; account: string },
  refuse: (why: string) => void,
): Promise<void> {
  const [known] = await tx`select 1 from accounts where company_id = ${companyId} and code = ${account}`;
  if (!known) refuse(`the chart has no account ${account}.`);
  await tx`
    insert into account_roles (company_id, role, account) values (${companyId}, ${role}, ${account})
    on conflict (company_id, role) do update set account = excluded.account`;
}
