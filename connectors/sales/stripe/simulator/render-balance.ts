import { sum } from '@daybook/domain';
import { LosslessNumber } from 'lossless-json';
import { BANK_ACCOUNT, MERCHANT } from './catalogue.ts';
import { feeOf, netOf } from './money.ts';
import type { Dispute, Movement, Payout } from './things.ts';
import { type JsonObject, lower, type View } from './wire.ts';

/** A balance transaction as the API shows it at a moment: what is not available yet is pending. */
export function movementBody(movement: Movement, { at }: View): JsonObject {
  return {
    id: movement.id,
    object: 'balance_transaction',
    amount: movement.amount,
    available_on: movement.availableOn,
    balance_type: 'payments',
    created: movement.created,
    currency: lower(movement.currency),
    description: movement.description,
    exchange_rate: movement.rate === null ? null : new LosslessNumber(movement.rate),
    fee: feeOf(movement),
    fee_details: movement.fees.map(({ type, description, amount }) => ({
      amount,
      application: null,
      currency: lower(movement.currency),
      description,
      type,
    })),
    net: netOf(movement),
    reporting_category: movement.category,
    source: movement.source,
    status: movement.availableOn <= at ? 'available' : 'pending',
    type: movement.type,
  };
}

/** A payout as the API shows it. */
export function payoutBody(payout: Payout): JsonObject {
  const failed = payout.status === 'failed';
  return {
    id: payout.id,
    object: 'payout',
    amount: payout.amount,
    application_fee: null,
    application_fee_amount: null,
    arrival_date: payout.arrivalDate,
    automatic: true,
    balance_transaction: payout.movement,
    created: payout.created,
    currency: lower(payout.currency),
    description: 'STRIPE PAYOUT',
    destination: BANK_ACCOUNT,
    failure_balance_transaction: payout.failureMovement,
    failure_code: failed ? 'account_closed' : null,
    failure_message: failed ? 'The bank account has been closed.' : null,
    livemode: payout.live,
    metadata: {},
    method: 'standard',
    original_payout: null,
    payout_method: null,
    reconciliation_status: payout.reconciled ? 'completed' : 'in_progress',
    reversed_by: null,
    source_type: 'card',
    statement_descriptor: null,
    status: payout.status,
    trace_id: { status: payout.trace === null ? 'pending' : 'supported', value: payout.trace },
    type: 'bank_account',
  };
}

/** A dispute as the API shows it, with the balance transactions it moved money by. */
export function disputeBody(dispute: Dispute, view: View): JsonObject {
  const movements = dispute.movements
    .map((id) => view.books.get(id))
    .filter((thing): thing is Movement => thing?.kind === 'movement');
  const inquiry = dispute.status.startsWith('warning');
  return {
    id: dispute.id,
    object: 'dispute',
    amount: dispute.amount,
    balance_transactions: movements.map((movement) => movementBody(movement, view)),
    charge: dispute.charge,
    created: dispute.created,
    currency: lower(dispute.currency),
    enhanced_eligibility_types: [],
    evidence: {},
    evidence_details: { due_by: dispute.dueBy, has_evidence: false, past_due: false, submission_count: 0 },
    intended_submission_method: null,
    is_charge_refundable: inquiry,
    livemode: dispute.live,
    metadata: {},
    payment_intent: dispute.intent,
    payment_method_details: {
      card: { brand: 'visa', case_type: inquiry ? 'inquiry' : 'chargeback', network_reason_code: '10.4' },
      type: 'card',
    },
    reason: dispute.reason,
    status: dispute.status,
  };
}

/** The account's balance at a moment. */
export function balanceBody({ books, at }: View): JsonObject {
  const movements = books.all('movement');
  const part = (isAvailable: boolean) => {
    const fitting = movements.filter((movement) => movement.availableOn <= at === isAvailable);
    const amount = sum(fitting.map(netOf));
    return [{ amount, currency: lower(MERCHANT.currency), source_types: { card: amount } }];
  };
  return {
    object: 'balance',
    available: part(true),
    connect_reserved: [{ amount: 0, currency: lower(MERCHANT.currency) }],
    livemode: true,
    pending: part(false),
  };
}
