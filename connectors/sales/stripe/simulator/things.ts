/**
 * What a simulated account keeps, by Stripe's words for it. A thing never changes in place: each change is a new
 * version, and events show the version of their moment. Amounts are in Stripe's minor unit of `currency` (ISO 4217,
 * upper case here, lower case on the wire), instants are unix seconds.
 */
interface Kept {
  id: string;
  created: number;
  /** False for what was made with the account's test keys. */
  live: boolean;
}

/** How the buyer pays: at once by card, or by a bank debit that takes its time. */
export type Method = 'card' | 'us_bank_account';

export interface Intent extends Kept {
  kind: 'intent';
  currency: string;
  amount: bigint;
  capturable: bigint;
  received: bigint;
  status: 'requires_payment_method' | 'requires_action' | 'requires_capture' | 'processing' | 'succeeded' | 'canceled';
  /** Authorise now, capture later. */
  manual: boolean;
  method: Method;
  charge: string | null;
  tip: bigint | null;
  customer: string | null;
  description: string | null;
  canceledAt: number | null;
  cancelReason: string | null;
}

export interface Charge extends Kept {
  kind: 'charge';
  intent: string | null;
  currency: string;
  amount: bigint;
  captured: bigint;
  refunded: bigint;
  isCaptured: boolean;
  status: 'pending' | 'succeeded' | 'failed';
  method: Method;
  /** Its balance transaction; null until Stripe has worked out the fee. */
  movement: string | null;
  disputed: boolean;
  customer: string | null;
  email: string | null;
  description: string | null;
  failure: { code: string; message: string } | null;
}

export interface Refund extends Kept {
  kind: 'refund';
  charge: string;
  intent: string | null;
  currency: string;
  amount: bigint;
  status: 'pending' | 'succeeded' | 'failed';
  reason: 'requested_by_customer' | 'duplicate' | 'expired_uncaptured_charge' | null;
  movement: string | null;
  failureMovement: string | null;
  failureReason: string | null;
}

export interface Dispute extends Kept {
  kind: 'dispute';
  charge: string;
  intent: string | null;
  currency: string;
  amount: bigint;
  status: 'needs_response' | 'under_review' | 'won' | 'lost' | 'warning_needs_response' | 'warning_closed';
  reason: string;
  movements: string[];
  dueBy: number;
}

/** A balance transaction: one line of the account's ledger at Stripe. */
export interface Movement extends Kept {
  kind: 'movement';
  type: string;
  category: string;
  currency: string;
  /** Gross, signed. */
  amount: bigint;
  /** Positive = cost. Net = amount − Σ fees. */
  fees: { type: 'stripe_fee' | 'tax'; description: string; amount: bigint }[];
  /** Decimal; null where nothing was converted. */
  rate: string | null;
  source: string | null;
  availableOn: number;
  description: string | null;
}

export interface Payout extends Kept {
  kind: 'payout';
  currency: string;
  /** Negative = debited from the merchant's bank. */
  amount: bigint;
  status: 'pending' | 'in_transit' | 'paid' | 'failed';
  reconciled: boolean;
  arrivalDate: number;
  /** Its own line on the ledger. */
  movement: string;
  failureMovement: string | null;
  trace: string | null;
  /** What is paid out with it, its own line left out. */
  movements: string[];
}

/** One price on a Checkout page. */
export interface SessionItem {
  id: string;
  price: string;
  quantity: number;
  subtotal: bigint;
  discount: bigint;
  tax: bigint;
  total: bigint;
}

export interface Session extends Kept {
  kind: 'session';
  intent: string;
  currency: string;
  inclusive: boolean;
  items: SessionItem[];
  shipping: { subtotal: bigint; tax: bigint; total: bigint } | null;
  coupon: string | null;
  paid: boolean;
  expiresAt: number;
  email: string;
  name: string;
}

export interface InvoiceLine {
  id: string;
  price: string;
  quantity: number;
  /** Before discounts and tax. */
  amount: bigint;
  /** Discounts of this line alone, and its share of the invoice's. */
  discounts: { discount: string; amount: bigint }[];
  tax: bigint;
}

export interface Invoice extends Kept {
  kind: 'invoice';
  number: string | null;
  customer: string;
  currency: string;
  status: 'draft' | 'open' | 'paid' | 'void';
  /** Sent with a due date, or collected at once. */
  isSent: boolean;
  dueDate: number | null;
  lines: InvoiceLine[];
  /** Discounts of the invoice as a whole. */
  discounts: string[];
  paid: bigint;
  credited: bigint;
  intent: string | null;
  payment: string | null;
  finalizedAt: number | null;
  paidAt: number | null;
  voidedAt: number | null;
}

export interface InvoicePayment extends Kept {
  kind: 'invoice_payment';
  invoice: string;
  intent: string;
  currency: string;
  requested: bigint;
  paid: bigint | null;
  status: 'open' | 'paid' | 'canceled';
  paidAt: number | null;
  canceledAt: number | null;
}

export interface CreditNote extends Kept {
  kind: 'credit_note';
  number: string;
  invoice: string;
  customer: string;
  currency: string;
  lines: { id: string; invoiceLine: string; quantity: number; amount: bigint; tax: bigint }[];
  refund: string;
}

/** The platform's application, as the two events about being connected show it. */
export interface Application extends Kept {
  kind: 'application';
}

export type Thing =
  | Intent
  | Charge
  | Refund
  | Dispute
  | Movement
  | Payout
  | Session
  | Invoice
  | InvoicePayment
  | CreditNote
  | Application;

export type Kind = Thing['kind'];
export type OfKind<Name extends Kind> = Extract<Thing, { kind: Name }>;

/** Something that Stripe announces: an Event object. Its payload is one version of one thing. */
export interface Announcement {
  id: string;
  type: string;
  created: number;
  about: string;
  /** Which version of the thing it shows, from 0. */
  version: number;
  live: boolean;
  /** The API request behind it; null where nobody asked. */
  request: string | null;
}

/** What the rest of the simulator may ask of an account's things. */
export interface Books {
  get(id: string): Thing | undefined;
  /** The version of that number, from 0. */
  version(id: string, number: number): Thing | undefined;
  /** Current versions of all things of a kind, oldest first. */
  all<Name extends Kind>(kind: Name): OfKind<Name>[];
}
