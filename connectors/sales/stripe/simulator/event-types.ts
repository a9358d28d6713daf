/** Types of events an endpoint can be told of: those that are about payments, billing and payouts. */
export const EVENT_TYPES: readonly string[] = Object.entries({
  account: 'updated application.authorized application.deauthorized external_account.created',
  application_fee: 'created refunded refund.updated',
  balance: 'available',
  charge:
    'captured expired failed pending refunded succeeded updated refund.updated dispute.created dispute.updated ' +
    'dispute.closed dispute.funds_withdrawn dispute.funds_reinstated',
  'checkout.session': 'async_payment_failed async_payment_succeeded completed expired',
  coupon: 'created deleted updated',
  credit_note: 'created updated voided',
  customer: 'created deleted updated subscription.created subscription.deleted subscription.updated',
  invoice:
    'created deleted finalization_failed finalized marked_uncollectible overdue overpaid paid ' +
    'payment_action_required payment_failed payment_succeeded sent upcoming updated voided will_be_due',
  invoice_payment: 'paid',
  invoiceitem: 'created deleted',
  mandate: 'updated',
  payment_intent:
    'amount_capturable_updated canceled created partially_funded payment_failed processing requires_action succeeded',
  payment_link: 'created updated',
  payment_method: 'attached automatically_updated detached updated',
  payout: 'canceled created failed paid reconciliation_completed updated',
  price: 'created deleted updated',
  product: 'created deleted updated',
  refund: 'created failed updated',
  'reporting.report_run': 'failed succeeded',
  review: 'closed opened',
  'radar.early_fraud_warning': 'created updated',
  setup_intent: 'canceled created requires_action setup_failed succeeded',
  tax_rate: 'created updated',
  topup: 'canceled created failed reversed succeeded',
  transfer: 'created reversed updated',
}).flatMap(([object, names]) => names.split(' ').map((name) => `${object}.${name}`));
