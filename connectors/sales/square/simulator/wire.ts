/**
 * Square's objects as they are kept and sent; field names are Square's. Amounts are bigint minor units, which are
 * written as JSON integers. Only what the café uses is here.
 */
export interface Money {
  amount: bigint;
  currency: string;
}

/** US dollars, in cents. */
export function usd(amount: bigint): Money {
  return { amount, currency: 'USD' };
}

interface Applied {
  uid: string;
  applied_money: Money;
}
export interface AppliedTax extends Applied {
  tax_uid: string;
}
export interface AppliedDiscount extends Applied {
  discount_uid: string;
}

export interface Modifier {
  uid: string;
  catalog_object_id: string;
  name: string;
  quantity: string;
  base_price_money: Money;
  total_price_money: Money;
}

export interface QuantityUnit {
  measurement_unit: { weight_unit: string; type: string };
  precision: number;
}

interface LineHead {
  uid: string;
  name?: string;
  quantity: string;
  quantity_unit?: QuantityUnit;
  note?: string;
  catalog_object_id?: string;
  catalog_version?: bigint;
  variation_name?: string;
  item_type: 'ITEM' | 'CUSTOM_AMOUNT' | 'GIFT_CARD';
  applied_taxes?: AppliedTax[];
  applied_discounts?: AppliedDiscount[];
  base_price_money: Money;
  variation_total_price_money: Money;
  total_tax_money: Money;
  total_discount_money: Money;
  total_money: Money;
  total_service_charge_money: Money;
}
export interface OrderLine extends LineHead {
  modifiers?: Modifier[];
  /** Without the tax that the price includes: so it is for sellers in the US. */
  gross_sales_money: Money;
}
export interface ReturnLine extends LineHead {
  source_line_item_uid?: string;
  return_modifiers?: (Modifier & { source_modifier_uid: string })[];
  gross_return_money: Money;
}

export interface OrderTax {
  uid: string;
  catalog_object_id: string;
  catalog_version: bigint;
  name: string;
  type: 'ADDITIVE' | 'INCLUSIVE';
  percentage: string;
  applied_money: Money;
  scope: 'LINE_ITEM';
}
export interface OrderDiscount {
  uid: string;
  name: string;
  type: 'FIXED_PERCENTAGE' | 'FIXED_AMOUNT';
  percentage?: string;
  amount_money?: Money;
  applied_money: Money;
  scope: 'ORDER' | 'LINE_ITEM';
}
export type ReturnTax = OrderTax & { source_tax_uid: string };
export type ReturnDiscount = OrderDiscount & { source_discount_uid: string };

export interface ServiceCharge {
  uid: string;
  name: string;
  percentage?: string;
  amount_money?: Money;
  applied_money: Money;
  total_money: Money;
  total_tax_money: Money;
  calculation_phase: 'SUBTOTAL_PHASE' | 'TOTAL_PHASE';
  taxable: boolean;
  applied_taxes?: AppliedTax[];
  type?: 'AUTO_GRATUITY' | 'CUSTOM';
  treatment_type: 'LINE_ITEM_TREATMENT';
}
export type ReturnServiceCharge = Omit<ServiceCharge, 'type'> & { source_service_charge_uid: string };

export interface MoneyAmounts {
  total_money: Money;
  tax_money: Money;
  discount_money: Money;
  tip_money: Money;
  service_charge_money: Money;
}
export interface RoundingAdjustment {
  uid: string;
  name: string;
  amount_money: Money;
}

export interface OrderReturn {
  uid: string;
  source_order_id: string;
  return_line_items: ReturnLine[];
  return_service_charges?: ReturnServiceCharge[];
  return_taxes?: ReturnTax[];
  return_discounts?: ReturnDiscount[];
  return_tips?: { uid: string; applied_money: Money; source_tender_id: string }[];
  rounding_adjustment?: RoundingAdjustment;
  return_amounts: MoneyAmounts;
}

export type TenderType = 'CARD' | 'CASH' | 'SQUARE_GIFT_CARD' | 'WALLET' | 'OTHER';
export interface Tender {
  id: string;
  location_id: string;
  transaction_id: string;
  created_at: string;
  /** With the tip; equals the payment's `total_money`. */
  amount_money: Money;
  tip_money?: Money;
  type: TenderType;
  card_details?: object;
  cash_details?: { buyer_tendered_money: Money; change_back_money: Money };
  payment_id: string;
}

export interface Order {
  id: string;
  location_id: string;
  source: { name: string };
  line_items?: OrderLine[];
  taxes?: OrderTax[];
  discounts?: OrderDiscount[];
  service_charges?: ServiceCharge[];
  returns?: OrderReturn[];
  return_amounts?: MoneyAmounts;
  net_amounts: MoneyAmounts;
  rounding_adjustment?: RoundingAdjustment;
  tenders?: Tender[];
  refunds?: object[];
  created_at: string;
  updated_at: string;
  closed_at?: string;
  state: 'OPEN' | 'COMPLETED' | 'CANCELED';
  /** Only orders made through the API have one. */
  version?: number;
  /** An order that only takes things back has no totals of its own. */
  total_money?: Money;
  total_tax_money?: Money;
  total_discount_money?: Money;
  total_tip_money?: Money;
  total_service_charge_money?: Money;
  net_amount_due_money: Money;
}

export interface ProcessingFee {
  effective_at: string;
  type: 'INITIAL' | 'ADJUSTMENT';
  amount_money: Money;
}

export type PaymentStatus = 'APPROVED' | 'COMPLETED' | 'CANCELED' | 'FAILED';
export type SourceType = 'CARD' | 'CASH' | 'WALLET' | 'EXTERNAL';
export interface Payment {
  id: string;
  created_at: string;
  updated_at: string;
  amount_money: Money;
  tip_money?: Money;
  total_money: Money;
  approved_money?: Money;
  processing_fee?: ProcessingFee[];
  refunded_money?: Money;
  refund_ids?: string[];
  status: PaymentStatus;
  delay_duration?: string;
  delay_action?: 'CANCEL';
  delayed_until?: string;
  source_type: SourceType;
  card_details?: {
    status: string;
    card: { card_brand: string; last_4: string; [more: string]: unknown };
    [more: string]: unknown;
  };
  cash_details?: { buyer_supplied_money: Money; change_back_money: Money };
  wallet_details?: { status: string; brand: string };
  external_details?: { type: string; source: string };
  location_id: string;
  order_id: string;
  team_member_id?: string;
  employee_id?: string;
  receipt_number?: string;
  receipt_url?: string;
  application_details: { square_product: string };
  is_offline_payment?: boolean;
  offline_payment_details?: { client_created_at: string };
  version_token: string;
}

export interface PaymentRefund {
  id: string;
  status: 'PENDING' | 'COMPLETED' | 'REJECTED';
  location_id: string;
  unlinked: boolean;
  destination_type: SourceType;
  amount_money: Money;
  processing_fee?: ProcessingFee[];
  payment_id: string;
  order_id: string;
  reason: string;
  created_at: string;
  updated_at: string;
  /** Told by events only, the API leaves it out. */
  version: number;
}
