import { sum, type Tender } from '@daybook/domain';
import { gatewayTender } from './gateways.ts';
import type { OrderScope } from './lines.ts';
import { optional, readMinor, readRounded } from './money.ts';
import { metaText, type OrderPayload } from './payload.ts';

export interface DraftTender {
  kind: Tender['kind'];
  processor?: string | undefined;
  amount: bigint;
  id?: string | undefined;
}

/** Payment that a plugin takes off the total instead of naming it: gift cards, store credit. */
export interface HiddenTender extends DraftTender {
  /** Listed by the order itself; an entry in `meta_data` may have been turned into a negative fee as well. */
  listed: boolean;
}

/** Plugins that write the redeemed amount into the order's meta data. */
const META_TENDERS: readonly [key: string, kind: Tender['kind'], processor: string][] = [
  ['_ywgc_applied_gift_cards_totals', 'gift_card', 'gift_card'],
  ['_funds_used', 'store_credit', 'account_funds'],
];

/** Gift cards and store credit an order was paid with, whether or not its total was lowered by them. */
export function hiddenTenders(order: OrderPayload, scope: OrderScope): HiddenTender[] {
  const cards = order.gift_cards.map(
    (each, index): HiddenTender => ({
      kind: 'gift_card',
      processor: 'gift_card',
      amount: readMinor(each.amount ?? '0', scope.currency, `${scope.subject}, gift_cards[${index}].amount`),
      ...optional('id', each.id),
      listed: true,
    }),
  );
  const plugins = META_TENDERS.map(([key, kind, processor]): HiddenTender => {
    const amount = readRounded(metaText(order.meta_data, key), scope.currency, `${scope.subject}, meta ${key}`);
    return { kind, processor, amount, listed: false };
  });
  return [...cards, ...plugins].filter((each) => each.amount > 0n);
}

/** The tenders of a paid order: what plugins took, and the rest by the payment method. */
export function tendersOf(order: OrderPayload, total: bigint, hidden: readonly HiddenTender[]): DraftTender[] {
  const redeemed = hidden.map(({ listed: _listed, ...tender }): DraftTender => tender);
  const rest = total - sum(redeemed.map((each) => each.amount));
  if (rest === 0n) return redeemed;
  const id = order.transaction_id?.trim();
  return [...redeemed, { ...gatewayTender(order.payment_method ?? ''), amount: rest, ...optional('id', id) }];
}
