import { MERCHANT } from './catalogue.ts';
import type { Charge, Intent, Method, Refund } from './things.ts';
import { type JsonObject, lower, noAddress } from './wire.ts';

/** A PaymentIntent as the API shows it. */
export function intentBody(intent: Intent): JsonObject {
  return {
    id: intent.id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount: intent.amount,
    amount_capturable: intent.capturable,
    amount_details: { tip: intent.tip === null ? {} : { amount: intent.tip } },
    amount_received: intent.received,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: intent.canceledAt,
    cancellation_reason: intent.cancelReason,
    capture_method: intent.manual ? 'manual' : 'automatic_async',
    client_secret: `${intent.id}_secret_simulated`,
    confirmation_method: 'automatic',
    created: intent.created,
    currency: lower(intent.currency),
    customer: intent.customer,
    customer_account: null,
    description: intent.description,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: intent.charge,
    livemode: intent.live,
    managed_payments: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: intent.charge === null ? null : methodId(intent.charge),
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: [intent.method],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: intent.status,
    transfer_data: null,
    transfer_group: null,
  };
}

/** The payment method of a charge has an id of its own. */
function methodId(charge: string): string {
  return charge.replace(/^(ch|py)_/, 'pm_');
}

/** A charge as the API shows it. Its refunds are not embedded; they are listed on their own. */
export function chargeBody(charge: Charge): JsonObject {
  return {
    id: charge.id,
    object: 'charge',
    amount: charge.amount,
    amount_captured: charge.captured,
    amount_refunded: charge.refunded,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: charge.movement,
    billing_details: { address: noAddress, email: charge.email, name: null, phone: null, tax_id: null },
    calculated_statement_descriptor: MERCHANT.descriptor,
    captured: charge.isCaptured,
    created: charge.created,
    currency: lower(charge.currency),
    customer: charge.customer,
    description: charge.description,
    disputed: charge.disputed,
    failure_balance_transaction: null,
    failure_code: charge.failure?.code ?? null,
    failure_message: charge.failure?.message ?? null,
    fraud_details: {},
    livemode: charge.live,
    metadata: {},
    on_behalf_of: null,
    outcome: outcomeOf(charge),
    paid: charge.status === 'succeeded',
    payment_intent: charge.intent,
    payment_method: methodId(charge.id),
    payment_method_details: methodDetails(charge.method),
    receipt_email: null,
    receipt_number: null,
    receipt_url: charge.status === 'succeeded' ? `https://pay.stripe.example/receipts/${charge.id}` : null,
    refunded: charge.amount > 0n && charge.refunded === charge.amount,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: charge.status,
    transfer_data: null,
    transfer_group: null,
  };
}

function outcomeOf({ status, failure }: Charge): JsonObject {
  const isDeclined = status === 'failed';
  return {
    advice_code: null,
    network_advice_code: null,
    network_decline_code: null,
    network_status: isDeclined ? 'declined_by_network' : 'approved_by_network',
    reason: failure?.code ?? null,
    risk_level: 'normal',
    risk_score: 12,
    seller_message: isDeclined ? 'The bank declined the payment.' : 'Payment complete.',
    type: isDeclined ? 'issuer_declined' : 'authorized',
  };
}

function methodDetails(method: Method): JsonObject {
  if (method === 'us_bank_account') {
    return {
      type: method,
      us_bank_account: {
        account_holder_type: 'company',
        account_type: 'checking',
        bank_name: 'Test Bank',
        last4: '6789',
      },
    };
  }
  return {
    card: {
      brand: 'visa',
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: 'US',
      exp_month: 8,
      exp_year: 2030,
      fingerprint: 'SimulatedCard0001',
      funding: 'credit',
      installments: null,
      last4: '4242',
      mandate: null,
      network: 'visa',
      three_d_secure: null,
      wallet: null,
    },
    type: 'card',
  };
}

/** A refund as the API shows it. */
export function refundBody(refund: Refund): JsonObject {
  return {
    id: refund.id,
    object: 'refund',
    amount: refund.amount,
    balance_transaction: refund.movement,
    charge: refund.charge,
    created: refund.created,
    currency: lower(refund.currency),
    customer: null,
    customer_account: null,
    destination_details: { card: { type: 'refund' }, type: 'card' },
    ...(refund.failureMovement === null
      ? {}
      : { failure_balance_transaction: refund.failureMovement, failure_reason: refund.failureReason }),
    metadata: {},
    payment_intent: refund.intent,
    payment_method: methodId(refund.charge),
    ...(refund.status === 'pending' ? { pending_reason: 'processing' } : {}),
    reason: refund.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: refund.status,
    transfer_reversal: null,
  };
}
