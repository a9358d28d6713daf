import type { Tender } from '@daybook/domain';

/** How a payment gateway of the shop counts as a tender. Unlisted gateways take cards: most of them do. */
const KINDS: readonly [pattern: RegExp, kind: Tender['kind']][] = [
  [/^gift_card$/, 'gift_card'],
  [/store_credit|exchange_credit/, 'store_credit'],
  [/^cash$/, 'cash'],
  [/installments|klarna|afterpay|clearpay|affirm|sezzle|zip_?pay|laybuy|scalapay|pay_later/, 'pay_later'],
  [/paypal|apple_pay|google_pay|amazon_pay|shop_cash|venmo|alipay|wechat|wallet/, 'wallet'],
];

/** Payments that the merchant confirms by hand, by the names that Shopify gives them; no processor holds the money. */
const MANUAL: readonly [pattern: RegExp, kind: Tender['kind']][] = [
  [/^(manual|custom_payment|custom)$/, 'other'],
  [/^cash_on_delivery/, 'cash_on_delivery'],
  [/^bank_(deposit|transfer)$/, 'bank_transfer'],
  [/^money_order$/, 'other'],
];

/** Kind and processor of a gateway name; `manual` is Shopify's own mark of a payment confirmed by hand. */
export function gatewayTender(gateway: string, manual: boolean): Pick<Tender, 'kind' | 'processor'> {
  const name = gateway
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
  const byHand = MANUAL.find(([pattern]) => pattern.test(name));
  if (byHand) return { kind: byHand[1], processor: 'manual' };
  const known = KINDS.find(([pattern]) => pattern.test(name));
  if (known) return { kind: known[1], processor: name };
  if (manual || name === '') return { kind: 'other', processor: 'manual' };
  return { kind: 'card', processor: name };
}
