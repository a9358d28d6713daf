import { type OssReturn, type OssSale, ossReturn } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import { asked, companyOf, type Scope } from './scope.ts';

/** Distance sales taxed in other EU states, minor units of the company's currency. */
export interface OssReport extends OssReturn {
  currency: string;
  from: string | null;
  to: string;
}

/**
 * The One-Stop-Shop return of a period: what is booked under codes "OSS…", per country and rate. The country is that of
 * the customer of the fact, of the sale it belongs to, or named by the code. Throws when the company does not exist.
 */
export async function ossReport(sql: Queryable, companyId: string, scope: Scope): Promise<OssReport> {
  const { currency } = await companyOf(sql, companyId);
  const { from, to } = asked(scope);
  return { currency, from, to, ...ossReturn(await ossSales(sql, companyId, scope)) };
}

/** Lines of entries, and of the receipts inside daily summaries. */
async function ossSales(sql: Queryable, companyId: string, scope: Scope): Promise<OssSale[]> {
  const { from, to, channel } = asked(scope);
  const rows = await sql<OssSale[]>`
    with entries as (
      select e.id, e.source_key, e.event_id, s.id as summary_id
      from journal_entries e left join summaries s on s.company_id = e.company_id and s.source_key = e.source_key
      where e.company_id = ${companyId} and e.posting_date <= ${to}::date
        and (${from}::date is null or e.posting_date >= ${from}::date)
        and (${channel}::text is null or coalesce(e.channel, '') = ${channel}::text)
        and e.posting_date in (select day from account_days where company_id = ${companyId} and tax_code ~ '^OSS([ -]|$)')
    ), lines as (
      select e.source_key, e.event_id, l.tax_code as code, l.tax_kind as kind, l.credit - l.debit as amount
      from entries e join journal_lines l on l.entry_id = e.id where e.summary_id is null
      union all
      select r.source_key, r.event_id, line->>'taxCode', line->>'taxKind', -(line->>'amount')::bigint
      from entries e join receipts r on r.summary_id = e.summary_id
        cross join lateral jsonb_array_elements(r.entry->'lines') as line
    ), facts as (
      select source_key, event_id, code, coalesce(sum(amount) filter (where kind = 'net_out'), 0)::bigint as net,
        coalesce(sum(amount) filter (where kind = 'tax_out'), 0)::bigint as tax
      from lines where code ~ '^OSS([ -]|$)' group by 1, 2, 3
    )
    select f.source_key as source, f.code, f.net, f.tax,
      coalesce(v.payload->'customer'->>'country', s.payload->'customer'->>'country') as country,
      coalesce(${statedRates(sql, 'v')}, ${statedRates(sql, 's')}, '[]') as rates
    from facts f left join events v on v.id = f.event_id
      left join lateral (select o.payload from events o where o.connection_id = v.connection_id and o.type = 'sale'
        and o.source_id = v.sale_id order by o.revision desc, o.id desc limit 1) s on true
    order by f.source_key, f.code`;
  return rows.map(withAmounts);
}

/** Rates that the merchant's taxes of a fact have, with net amounts and taxes in the fact's currency. */
function statedRates(sql: Queryable, event: 'v' | 's') {
  return sql`(
    select json_agg(json_build_object('rate', rate, 'net', net::text, 'tax', charged::text) order by rate) from (
      select t.value->>'rate' as rate, sum((l.value->>'net')::bigint) as net, sum((t.value->>'amount')::bigint) as charged
      from jsonb_array_elements(${sql(event)}.payload->'lines') as l
        cross join lateral jsonb_array_elements(l.value->'taxes') as t
      where t.value->>'rate' is not null and coalesce(t.value->>'collectedBy', 'merchant') = 'merchant' group by 1
    ) stated)`;
}

function withAmounts(sale: OssSale): OssSale {
  const rates = sale.rates.map(({ rate, net, tax }) => ({ rate, net: BigInt(net), tax: BigInt(tax) }));
  return { ...sale, rates };
}
