/**
 * Webhook topics and the scope whose lack silences them: a seller who has not granted it produces no webhook at all.
 * null = every application that the seller has let in is told.
 */
export const TOPICS: Readonly<Record<string, string | null>> = {
  'catalog.version.updated': 'ITEMS_READ',
  'customer.created': 'CUSTOMERS_READ',
  'customer.deleted': 'CUSTOMERS_READ',
  'customer.updated': 'CUSTOMERS_READ',
  'dispute.created': 'DISPUTES_READ',
  'dispute.state.changed': 'DISPUTES_READ',
  'dispute.state.updated': 'DISPUTES_READ',
  'gift_card.activity.created': 'GIFTCARDS_READ',
  'gift_card.activity.updated': 'GIFTCARDS_READ',
  'gift_card.created': 'GIFTCARDS_READ',
  'gift_card.updated': 'GIFTCARDS_READ',
  'inventory.count.updated': 'INVENTORY_READ',
  'invoice.canceled': 'INVOICES_READ',
  'invoice.created': 'INVOICES_READ',
  'invoice.payment_made': 'INVOICES_READ',
  'invoice.published': 'INVOICES_READ',
  'invoice.refunded': 'INVOICES_READ',
  'invoice.updated': 'INVOICES_READ',
  'location.created': 'MERCHANT_PROFILE_READ',
  'location.updated': 'MERCHANT_PROFILE_READ',
  'oauth.authorization.revoked': null,
  'order.created': 'ORDERS_READ',
  'order.fulfillment.updated': 'ORDERS_READ',
  'order.updated': 'ORDERS_READ',
  'payment.created': 'PAYMENTS_READ',
  'payment.updated': 'PAYMENTS_READ',
  'payout.failed': 'PAYOUTS_READ',
  'payout.paid': 'PAYOUTS_READ',
  'payout.sent': 'PAYOUTS_READ',
  'refund.created': 'PAYMENTS_READ',
  'refund.updated': 'PAYMENTS_READ',
};

/** A version of Square's API: a day. */
export const API_VERSION = '2026-09-16';

/** Whether a text is written like a version of Square's API. */
export function isVersion(text: string): boolean {
  return /^20\d\d-\d\d-\d\d$/.test(text);
}
