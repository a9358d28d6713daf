import type { Money } from './wire.ts';

export interface Payout {
  id: string;
  status: 'SENT' | 'PAID' | 'FAILED';
  location_id: string;
  created_at: string;
  updated_at: string;
  amount_money: Money;
  destination: { type: 'BANK_ACCOUNT' | 'CARD'; id: string };
  version: number;
  type: 'BATCH';
  payout_fee?: { amount_money: Money; effective_at: string; type: 'TRANSFER_FEE' }[];
  arrival_date: string;
  end_to_end_id: string;
}

/** Movements of the balance that the café sees, out of Square's 58. */
export type ActivityType =
  | 'CHARGE'
  | 'REFUND'
  | 'FEE'
  | 'TAX_ON_FEE'
  | 'OPEN_DISPUTE'
  | 'DISPUTE'
  | 'ADJUSTMENT'
  | 'RESERVE_HOLD'
  | 'RESERVE_RELEASE'
  | 'DEPOSIT_FEE'
  | 'GIFT_CARD_LOAD_FEE'
  | 'SUBSCRIPTION_FEE'
  | 'RETURNED_PAYOUT';

/** One movement of the balance. It is shown as an entry of the payout that carries it, not before. */
export interface Movement {
  id: string;
  type: ActivityType;
  location_id: string;
  effective_at: string;
  gross_amount_money: Money;
  fee_amount_money: Money;
  net_amount_money: Money;
  /** What it is about: `type_<type>_details`. */
  details?: Record<string, string>;
  payout_id?: string;
}

export interface Dispute {
  id: string;
  amount_money: Money;
  reason: string;
  state:
    | 'INQUIRY_EVIDENCE_REQUIRED'
    | 'INQUIRY_CLOSED'
    | 'EVIDENCE_REQUIRED'
    | 'PROCESSING'
    | 'WON'
    | 'LOST'
    | 'ACCEPTED';
  due_at: string;
  disputed_payment: { payment_id: string };
  card_brand: string;
  created_at: string;
  updated_at: string;
  brand_dispute_id: string;
  reported_at: string;
  version: number;
  location_id: string;
}

export interface GiftCardActivity {
  id: string;
  type: 'ACTIVATE' | 'REDEEM' | 'REFUND';
  location_id: string;
  created_at: string;
  gift_card_id: string;
  gift_card_gan: string;
  gift_card_balance_money: Money;
  activate_activity_details?: { amount_money: Money; order_id: string; line_item_uid: string };
  redeem_activity_details?: { amount_money: Money; payment_id: string; status: 'COMPLETED' };
  refund_activity_details?: { amount_money: Money; payment_id: string; redeem_activity_id: string };
}

/** Money out of the drawer is negative in the sums of a shift and positive in its events, as in Square's examples. */
export interface CashDrawerShift {
  id: string;
  state: 'OPEN' | 'ENDED' | 'CLOSED';
  opened_at: string;
  ended_at?: string;
  closed_at?: string;
  description: string;
  opened_cash_money: Money;
  cash_payment_money: Money;
  cash_refunds_money: Money;
  cash_paid_in_money: Money;
  cash_paid_out_money: Money;
  expected_cash_money: Money;
  closed_cash_money?: Money;
  device: { id: string; name: string };
  created_at: string;
  updated_at: string;
  location_id: string;
  team_member_ids: string[];
  opening_team_member_id: string;
  ending_team_member_id?: string;
  closing_team_member_id?: string;
}

export interface CashDrawerEvent {
  id: string;
  event_type: 'CASH_TENDER_PAYMENT' | 'CASH_TENDER_REFUND' | 'PAID_IN' | 'PAID_OUT';
  event_money: Money;
  created_at: string;
  description: string;
  team_member_id: string;
  /** Not part of Square's object. */
  shift_id: string;
}

export interface Invoice {
  id: string;
  version: number;
  location_id: string;
  order_id: string;
  payment_requests: object[];
  delivery_method: 'EMAIL';
  invoice_number: string;
  title: string;
  status: 'UNPAID' | 'PAID';
  timezone: string;
  created_at: string;
  updated_at: string;
  primary_recipient: { customer_id: string };
  accepted_payment_methods: Record<string, boolean>;
}
