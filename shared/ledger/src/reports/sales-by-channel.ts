import type { Queryable } from '@daybook/platform/db';
import { type ChartAccount, chartOf, incomeSection } from './chart.ts';
import { asked, bookedLines, companyOf, type Fragment, movements, type Scope, type Subquery } from './scope.ts';

/** What is counted per channel, in minor units: discounts, returns and fees above zero as what they take away. */
export const CHANNEL_FIGURES = [
  'grossSales',
  'discounts',
  'returns',
  'shipping',
  'netSales',
  'outputTax',
  'tips',
  'giftCardsSold',
  'storeCreditIssued',
  'depositsReceived',
  'fees',
  'disputeFees',
] as const;
export type ChannelFigure = (typeof CHANNEL_FIGURES)[number];

export type ChannelSales = Record<ChannelFigure, bigint>;

/** accounting.md H10. `channel` '' is what belongs to none. */
export interface SalesByChannel {
  currency: string;
  from: string | null;
  to: string;
  channels: (ChannelSales & { channel: string })[];
  total: ChannelSales;
}

interface Sum {
  channel: string;
  figure: ChannelFigure;
  amount: bigint;
}

/**
 * Sales per channel. Gross sales are all revenue that is neither discount, return nor shipping, so that net sales of
 * all channels are the revenue of the income statement. Throws when the company does not exist.
 */
export async function salesByChannel(sql: Queryable, companyId: string, scope: Scope): Promise<SalesByChannel> {
  const { currency } = await companyOf(sql, companyId);
  const { from, to } = asked(scope);
  const sums = [...(await earned(sql, companyId, scope)), ...(await owed(sql, companyId, scope))];
  const byChannel = new Map<string, ChannelSales>();
  const total = nothing();
  for (const { channel, figure, amount } of sums) {
    const row = byChannel.get(channel) ?? nothing();
    byChannel.set(channel, row);
    row[figure] += amount;
    total[figure] += amount;
  }
  for (const row of [...byChannel.values(), total]) {
    row.netSales = row.grossSales - row.discounts - row.returns + row.shipping;
  }
  const channels = [...byChannel].map(([channel, row]) => ({ channel, ...row }));
  channels.sort((a, b) => (a.channel < b.channel ? -1 : 1));
  return { currency, from, to, channels, total };
}

function nothing(): ChannelSales {
  return Object.fromEntries(CHANNEL_FIGURES.map((figure) => [figure, 0n])) as ChannelSales;
}

/** Revenue by what it is, and what stands beside it. */
async function earned(sql: Queryable, companyId: string, scope: Scope): Promise<Sum[]> {
  const { from } = asked(scope);
  const figures = earnedFigures(
    sql,
    await chartOf(sql, companyId),
    movements(sql, companyId, { ...scope, flow: true }),
  );
  return sql<Sum[]>`
    select channel, figure, sum(amount)::bigint as amount from (${figures}) f
    where figure is not null and (${from}::date is null or day >= ${from}::date) group by channel, figure`;
}

/**
 * Rows with the figure they count in (null = none) and how much; a line on a revenue account whose role says neither
 * discount, return nor shipping is gross sales.
 */
function earnedFigures(sql: Queryable, chart: ChartAccount[], rows: Fragment) {
  const revenue = chart.filter((account) => incomeSection(account) === 'revenue');
  const playing = (pattern: RegExp) =>
    revenue
      .filter(({ roles }) => roles.length > 0 && roles.every((role) => pattern.test(role)))
      .map(({ code }) => code);
  return sql`
    select *, case when figure in ('discounts', 'returns', 'fees', 'disputeFees') then debit - credit
      else credit - debit end as amount
    from (
      select *, case
        when account = any(${revenue.map(({ code }) => code)}) then case
          when role like 'sales.discount%' or account = any(${playing(/^sales\.discount/)}) then 'discounts'
          when role like 'sales.returns%' or account = any(${playing(/^sales\.returns/)}) then 'returns'
          when role like 'sales.shipping%' or account = any(${playing(/^sales\.shipping/)}) then 'shipping'
          else 'grossSales' end
        when role like 'fees.dispute%' then 'disputeFees'
        when role like 'fees.%' then 'fees'
        when entry_type not in ('SAL', 'RFD', 'DEP', 'DSP') then null
        when tax_kind = 'tax_out' and role not like 'tax.output.rc%' then 'outputTax'
        when role like 'tips.%' then 'tips' end as figure
      from (${rows}) booked
    ) told`;
}

async function owed(sql: Queryable, companyId: string, scope: Scope): Promise<Sum[]> {
  const figures = owedFigures(sql, companyId, { ...scope, chart: await chartOf(sql, companyId) });
  return sql<Sum[]>`
    select channel, figure, sum(amount)::bigint as amount from (${figures}) f
    where figure is not null group by channel, figure`;
}

const OWED = /^((giftcard|storecredit|storedvalue)[.]liability|customer[.]deposits)/;

/**
 * What customers were given to use later. A sale gives on the credit side and takes back what is used on the debit
 * side, a reversal the other way round; a refund takes back what was given, or gives store credit.
 */
function owedFigures(sql: Queryable, companyId: string, { chart, ...scope }: Scope & { chart: ChartAccount[] }) {
  const { from, to, channel } = asked(scope);
  // Named one by one: the planner then knows how few lines such accounts have.
  const accounts = chart.filter(({ roles }) => roles.some((role) => OWED.test(role))).map(({ code }) => code);
  return sql`
    select l.entry_id, l.line_no, coalesce(e.channel, '') as channel, l.credit - l.debit as amount, case
      when l.role like 'storecredit.%' then case when given then 'storeCreditIssued' end
      when given <> (e.entry_type = 'RFD') then case
        when l.role like 'customer.deposits%' then 'depositsReceived' else 'giftCardsSold' end end as figure
    from journal_lines l join journal_entries e on e.id = l.entry_id,
      lateral (select (l.credit > 0) = (e.reverses is null) as given) g
    where l.company_id = ${companyId} and l.posting_date <= ${to}::date
      and (${from}::date is null or l.posting_date >= ${from}::date)
      and l.account = any(${accounts}) and l.role ~ ${OWED.source} and e.entry_type in ('SAL', 'RFD', 'DEP')
      and (${channel}::text is null or coalesce(e.channel, '') = ${channel}::text)`;
}

const SOLD: readonly ChannelFigure[] = ['grossSales', 'discounts', 'returns', 'shipping'];

/** Lines behind a figure, as a subquery of entry_id, line_no and amount; net sales are all that revenue is made of. */
export async function channelLines(
  sql: Queryable,
  companyId: string,
  scope: Scope,
  figure: ChannelFigure,
): Promise<Subquery> {
  const chart = await chartOf(sql, companyId);
  const lines = bookedLines(sql, companyId, { ...scope, flow: true });
  if (figure === 'netSales') {
    const query = sql`
      select entry_id, line_no, credit - debit as amount from (${earnedFigures(sql, chart, lines)}) f
      where figure = any(${[...SOLD]})`;
    return { query };
  }
  const query = sql`
    select entry_id, line_no, amount from (${earnedFigures(sql, chart, lines)}) f where figure = ${figure}
    union all
    select entry_id, line_no, amount from (${owedFigures(sql, companyId, { ...scope, chart })}) f
    where figure = ${figure}`;
  return { query };
}
