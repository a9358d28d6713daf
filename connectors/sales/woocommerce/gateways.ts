import type { Tender } from '@daybook/domain';

type Way = Pick<Tender, 'kind' | 'processor'>;

/** Money that no processor holds: the merchant gets it by hand, and the store is told so by hand. */
const BY_HAND: readonly [pattern: RegExp, kind: Tender['kind']][] = [
  [/^cod$|cash_on_delivery/, 'cash_on_delivery'],
  [/^bacs$|^bank_?transfer|^direct_?bank/, 'bank_transfer'],
  [/^(pos_?)?cash$|(^|_)pos_cash$/, 'cash'],
  [/^$|^cheque$|^check$|^manual$|^other$|invoice|purchase_?order/, 'other'],
];

/** What the store itself owes the customer, spent at its own checkout. */
const CREDIT: readonly [pattern: RegExp, kind: Tender['kind']][] = [
  [/^gift_?cards?$|^giftcard/, 'gift_card'],
  [/^account_?funds$|store_?credit|^wallet$/, 'store_credit'],
];

/** Gateways by plugin, and the processor whose balance the money ends up on. */
const PROCESSORS: readonly [pattern: RegExp, processor: string][] = [
  [/^woocommerce_payments/, 'woocommerce_payments'],
  [/^stripe|_stripe$|^wc_stripe/, 'stripe'],
  [/^ppcp|^ppec|paypal/, 'paypal'],
  [/^square/, 'square'],
  [/^mollie/, 'mollie'],
  [/^klarna|^kco$/, 'klarna'],
  [/^afterpay|^clearpay/, 'afterpay'],
  [/^affirm/, 'affirm'],
  [/^amazon/, 'amazon_pay'],
  [/^braintree/, 'braintree'],
];

const PAY_LATER = /klarna|afterpay|clearpay|affirm|sezzle|pay_?later|^kco$|(^|_)zip(_|$)/;
const WALLET = /paypal|^ppcp-gateway$|apple|google|amazon|alipay|wechat|_link$/;
/** Debits and transfers that a processor collects: no cards, and yet on its balance. */
const OTHER = /(^|_)(sepa|ideal|bancontact|giropay|sofort|eps|p24|multibanco|blik|becs|bacs_debit|ach)(_|$)/;

/** How a payment method counts as a tender: its kind, and who holds the money. Unlisted gateways take cards. */
export function gatewayTender(paymentMethod: string): Way {
  const method = paymentMethod.trim().toLowerCase();
  const byHand = BY_HAND.find(([pattern]) => pattern.test(method));
  if (byHand) return { kind: byHand[1], processor: 'manual' };
  const credit = CREDIT.find(([pattern]) => pattern.test(method));
  if (credit) return { kind: credit[1], processor: method };
  const processor = PROCESSORS.find(([pattern]) => pattern.test(method))?.[1] ?? method.replace(/[^a-z0-9]+/g, '_');
  if (PAY_LATER.test(method)) return { kind: 'pay_later', processor };
  if (processor === 'paypal' && /card/.test(method)) return { kind: 'card', processor };
  if (WALLET.test(method)) return { kind: 'wallet', processor };
  return { kind: OTHER.test(method) ? 'other' : 'card', processor };
}

/** Money the merchant pays back past every gateway. */
export const BY_HAND_BACK: Way = { kind: 'other', processor: 'manual' };
