import type { Payout } from '@daybook/domain';

/** What a movement of Square's balance is to us. */
export interface Activity {
  kind: Payout['lines'][number]['kind'];
  /**
   * Who tells of it: `here` = nobody else, so the payout makes a fee of it; `payment` = the payment, refund or dispute it
   * is about, or an earlier payout; `line` = the line itself is posted.
   */
  told: 'here' | 'payment' | 'line';
}

const words = (text: string) => text.trim().split(/\s+/);

/** Square's activity types by what they are to us; those not listed are adjustments, which a person looks at. */
const TYPES: readonly [types: string[], activity: Activity][] = [
  [['CHARGE'], { kind: 'sale', told: 'payment' }],
  [['REFUND'], { kind: 'refund', told: 'payment' }],
  [words('DISPUTE OPEN_DISPUTE'), { kind: 'dispute', told: 'line' }],
  [
    words(`DEPOSIT_FEE DEPOSIT_FEE_REVERSED FREE_PROCESSING GIFT_CARD_LOAD_FEE GIFT_CARD_LOAD_FEE_REFUND
      UNDO_GIFT_CARD_LOAD_FEE_REFUND LOCAL_OFFERS_FEE PAID_SERVICE_FEE PAID_SERVICE_FEE_REFUND SUBSCRIPTION_FEE
      SUBSCRIPTION_FEE_PAID_REFUND SUBSCRIPTION_FEE_REFUND THIRD_PARTY_FEE THIRD_PARTY_FEE_REFUND`),
    { kind: 'fee', told: 'here' },
  ],
  [['TAX_ON_FEE'], { kind: 'tax', told: 'here' }],
  // Sellers who are charged fees apart get an entry for what the payment's own `processing_fee` tells already.
  [words('PROCESSING_FEE PROCESSING_FEE_REFUND UNDO_PROCESSING_FEE_REFUND'), { kind: 'fee', told: 'payment' }],
  [words('RESERVE_HOLD RESERVE_RELEASE HOLD_ADJUSTMENT RELEASE_ADJUSTMENT'), { kind: 'reserve', told: 'line' }],
  // The sales behind a payout that failed, which took itself back, are paid out again.
  [['RETURNED_PAYOUT'], { kind: 'sale', told: 'payment' }],
  [
    words(`AUTOMATIC_BITCOIN_CONVERSIONS AUTOMATIC_BITCOIN_CONVERSIONS_REVERSED AUTOMATIC_SAVINGS
      AUTOMATIC_SAVINGS_REVERSED BALANCE_FOLDERS_TRANSFER BALANCE_FOLDERS_TRANSFER_REVERSED CREDIT_CARD_REPAYMENT
      CREDIT_CARD_REPAYMENT_REVERSED GIFT_CARD_POOL_TRANSFER GIFT_CARD_POOL_TRANSFER_REVERSED MONEY_TRANSFER
      MONEY_TRANSFER_REVERSAL SQUARE_CAPITAL_PAYMENT SQUARE_CAPITAL_REVERSED_PAYMENT SQUARE_PAYROLL_TRANSFER
      SQUARE_PAYROLL_TRANSFER_REVERSED`),
    { kind: 'transfer', told: 'line' },
  ],
];
const BY_TYPE = new Map(TYPES.flatMap(([types, activity]) => types.map((type) => [type, activity] as const)));

/**
 * The activity of a payout entry's type (`ActivityType` of the API). A fee that names a payment is an adjustment which
 * the payment's own `processing_fee` tells; one that names none stands alone.
 */
export function activityOf(type: string, paymentId: string | null | undefined): Activity {
  if (type === 'FEE') return { kind: 'fee', told: paymentId ? 'payment' : 'here' };
  return BY_TYPE.get(type) ?? { kind: 'adjustment', told: 'line' };
}
