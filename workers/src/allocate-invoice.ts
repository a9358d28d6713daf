import { abs, DomainError, formatMinor, localDate, makeEvent } from '@daybook/domain';
import { type Asked, allocateItems } from '@daybook/ledger/invoice-ledger/allocations';
import { listItems } from '@daybook/ledger/invoice-ledger/listing';
import type { WorkerDeps } from './deps.ts';
import { enterEvents } from './enter.ts';

/** What a person asks for: an allocation, and what may be left of the invoice written off with it. */
export interface Allocation extends Asked {
  writeOffRest: boolean;
}

/**
 * Settles an invoice by hand (accounting.md E3). A rest up to the company's `allocationTolerance` is written off as a
 * difference where that was asked for. Answers the allocations' ids and what was written off, in minor units of the
 * invoice's currency. Throws what `allocateItems` throws, and ALLOCATION_EXCEEDS_OPEN for a rest above the tolerance;
 * then nothing is kept.
 */
export async function allocateInvoice(
  companyId: string,
  { writeOffRest, ...asked }: Allocation,
  madeBy: string,
  deps: WorkerDeps,
): Promise<{ allocations: bigint[]; writtenOff: bigint }> {
  const now = deps.clock();
  const made = await deps.sql.begin(async (tx) => {
    const allocations = await allocateItems(tx, companyId, asked, { madeBy, now });
    const [invoice] = await listItems(tx, companyId, { view: 'all', date: '9999-12-31', ids: [asked.against] });
    const rest = invoice && writeOffRest ? abs(invoice.openTc) : 0n;
    const [company] = await tx<{ tolerance: string | null; timeZone: string }[]>`
      select settings->>'allocationTolerance' as tolerance, time_zone as "timeZone" from companies
      where id = ${companyId}`;
    const tolerance = BigInt(company?.tolerance ?? '0');
    if (invoice && rest > tolerance) {
      const show = (amount: bigint) => `${invoice.currency} ${formatMinor(amount, invoice.currency)}`;
      throw new DomainError(
        'ALLOCATION_EXCEEDS_OPEN',
        `${show(rest)} of ${invoice.document} would be left, more than the ${show(tolerance)} that are written off as a ` +
          'difference. Leave it open, or write it off as a bad debt.',
        invoice.document ?? undefined,
      );
    }
    return { allocations, rest, invoice, today: localDate(now.toISOString(), company?.timeZone ?? 'UTC') };
  });
  const { allocations, rest, invoice, today } = made;
  if (!invoice || rest === 0n) return { allocations, writtenOff: 0n };
  const difference = makeEvent({
    version: 1,
    type: 'write_off',
    channel: 'entered',
    id: `difference:${invoice.id}:${allocations.at(-1)}`,
    revision: '1',
    occurredAt: now.toISOString(),
    date: today,
    currency: invoice.currency,
    test: false,
    party: invoice.party,
    document: invoice.document,
    reason: 'difference',
    side: invoice.side,
    amount: rest,
    memo: `Difference on ${invoice.document}, written off by ${madeBy}`,
  });
  await enterEvents(companyId, [difference], deps);
  return { allocations, writtenOff: rest };
}
