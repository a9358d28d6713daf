import { formatMinor } from '@daybook/domain';
import type { Dispute } from './balance.ts';
import { inShopTime } from './instants.ts';
import type { Shop } from './shops.ts';

/** A dispute as its webhooks print it. */
export function disputeBody(dispute: Dispute, shop: Shop): Record<string, unknown> {
  const { id, orderId, type, status, reason, amount, initiatedAt, finalizedAt } = dispute;
  return {
    id: BigInt(id),
    order_id: BigInt(orderId),
    type: type.toLowerCase(),
    amount: formatMinor(amount, shop.currency),
    currency: shop.currency,
    reason,
    network_reason_code: '4837',
    status: status.toLowerCase(),
    evidence_due_by: inShopTime(answerBy(dispute), shop.timeZone),
    evidence_sent_on: null,
    finalized_on: finalizedAt === null ? null : inShopTime(finalizedAt, shop.timeZone),
    initiated_at: inShopTime(initiatedAt, shop.timeZone),
  };
}

/** A shop has ten days to answer. */
function answerBy({ initiatedAt }: Dispute): string {
  return new Date(Date.parse(initiatedAt) + 10 * 24 * 3_600_000).toISOString();
}
