import { divideHalfUp, lesser, sum } from '@daybook/domain';
import type { Random } from '../../../kit/random.ts';
import {
  type Fee,
  figuresOf,
  type Item,
  linesLeft,
  type Order,
  type Payment,
  type Refund,
  type ReturnedLine,
  refundedOf,
} from './order.ts';
import { type Product, type Site, STANDARD } from './site.ts';
import type { Beat, Hook } from './state.ts';

/** What a script works with: it changes orders and says which hooks that fires. */
export interface Stage {
  site: Site;
  chance: Random;
  beats: Beat[];
  /** The next free id. */
  nextId(): number;
  place(wish?: Partial<Wish>): Order;
  /** Writes a new state down; `topic` is the hook it fires, `same` leaves the second of the last change. */
  save(order: Order, topic: Hook['topic'] | null, options?: { same?: boolean; late?: boolean }): Order;
  pay(order: Order, status?: string): Order;
  /** The background work runs: what has been saved since goes out, with the state of then. */
  run(): void;
}

/** What a customer puts into an order. */
export interface Wish {
  items: { product: Product; quantity: number }[];
  payment: Payment;
  status: string;
  shipped: boolean;
  couponPercent: number;
  fees: Omit<Fee, 'id'>[];
  /** Pence paid with a gift card. */
  giftCard: bigint;
  createdVia: string;
}

export interface StageOptions {
  site: Site;
  chance: Random;
  /** Milliseconds. */
  now: number;
  firstId: number;
}

export const STRIPE: Payment = { method: 'stripe', title: 'Credit Card (Stripe)', reference: '' };
export const PAYPAL: Payment = { method: 'ppcp-gateway', title: 'PayPal', reference: '' };
export const COD: Payment = { method: 'cod', title: 'Cash on delivery', reference: '' };
export const BACS: Payment = { method: 'bacs', title: 'Direct bank transfer', reference: '' };
export const CHEQUE: Payment = { method: 'cheque', title: 'Cheque payments', reference: '' };

/** Gateways that charge at once and pay back themselves. */
export const isOnline = ({ method }: Payment) => method === 'stripe' || method === 'ppcp-gateway';

/** A stage for one step. Each beat is a second after the one before, and an order never changes backwards in time. */
export function stage({ site, chance, now, firstId }: StageOptions): Stage {
  let id = firstId;
  const beats: Beat[] = [];
  let open: Beat = { versions: [], hooks: [] };
  const nextId = () => {
    id += 1;
    return id - 1;
  };
  const second = () => Math.floor(now / 1_000) * 1_000 + beats.length * 1_000;
  const on: Stage = {
    site,
    chance,
    beats,
    nextId,
    place: (wish = {}) => {
      const order = placed({ site, chance, at: second(), nextId }, wish);
      open.versions.push(order);
      open.hooks.push({ topic: 'order.created', order: order.id });
      return order;
    },
    save: (order, topic, { same = false, late = false } = {}) => {
      const modifiedAt = same
        ? order.modifiedAt
        : Math.max(second(), order.modifiedAt + (open.versions.some(isOf(order)) ? 0 : 1_000));
      const saved = { ...order, modifiedAt };
      open.versions.push(saved);
      if (topic !== null) open.hooks.push({ topic, order: order.id, ...(late && { late }) });
      return saved;
    },
    pay: (order, status = 'processing') => {
      const at = Math.max(second(), order.modifiedAt);
      const prefix = order.payment.method === 'stripe' ? 'pi_' : '';
      const reference = isOnline(order.payment) ? `${prefix}${chance.hex(24)}` : '';
      return { ...order, status, paidAt: order.paidAt ?? at, payment: { ...order.payment, reference } };
    },
    run: () => {
      if (open.versions.length === 0 && open.hooks.length === 0) return;
      beats.push({ versions: open.versions, hooks: collapsed(open.hooks) });
      open = { versions: [], hooks: [] };
    },
  };
  return on;
}

const isOf = (order: Order) => (each: Order) => each.id === order.id;

/** The same webhook about the same order is queued once until it has run. */
function collapsed(hooks: readonly Hook[]): Hook[] {
  return hooks.filter(
    (hook, index) => hooks.findIndex((each) => each.topic === hook.topic && each.order === hook.order) === index,
  );
}

const NAMES = [
  ['Ada', 'Marsh'],
  ['Idris', 'Cole'],
  ['Noor', 'Whitfield'],
  ['Tom', 'Reeve'],
  ['Grace', 'Okafor'],
] as const;

interface Placing {
  site: Site;
  chance: Random;
  at: number;
  nextId(): number;
}

function placed({ site, chance, at, nextId }: Placing, wish: Partial<Wish>): Order {
  const id = nextId();
  const [first, last] = chance.pick(NAMES);
  const percent = BigInt(wish.couponPercent ?? 0);
  const items = (wish.items ?? basket(site, chance)).map(({ product, quantity }): Item => {
    const list = product.price * BigInt(quantity);
    const { id: productId, sku, name, rate } = product;
    return {
      id: nextId(),
      productId,
      sku,
      name,
      quantity,
      list,
      gross: list - divideHalfUp(list * percent, 100n),
      rate,
    };
  });
  const way = chance.pick(site.shipping);
  const order: Order = {
    id,
    key: `wc_order_${chance.hex(13)}`,
    status: wish.status ?? 'pending',
    statusBefore: '',
    ...{ createdAt: at, modifiedAt: at, paidAt: null, completedAt: null },
    createdVia: wish.createdVia ?? 'checkout',
    customer: { id: chance.chance(1, 2) ? 0 : chance.between(3, 60), first, last },
    payment: wish.payment ?? STRIPE,
    items,
    shipping: wish.shipped ? [{ id: nextId(), ...way }] : [],
    fees: (wish.fees ?? []).map((fee) => ({ id: nextId(), ...fee })),
    coupon: percent === 0n ? null : { id: nextId(), code: `thanks${percent}` },
    giftCard: null,
    refunds: [],
    meta: [{ id: id * 100 + 1, key: 'is_vat_exempt', value: 'no' }],
  };
  if (!wish.giftCard) return order;
  const amount = lesser(wish.giftCard, figuresOf(order).full);
  return { ...order, giftCard: { id: nextId(), code: 'GIFT-****-****-7Q2K', amount } };
}

/** One to three different articles. */
export function basket(site: Site, chance: Random, atLeast = 1): Wish['items'] {
  const count = chance.between(atLeast, 3);
  return chance
    .shuffle(site.products)
    .slice(0, count)
    .map((product) => ({ product, quantity: chance.between(1, 3) }));
}

/** Standard-rated goods that cost enough to bear reductions. */
export function taxedBasket(site: Site, chance: Random): Wish['items'] {
  const taxed = site.products.filter((product) => product.rate.id === STANDARD.id);
  return chance
    .shuffle(taxed)
    .slice(0, 2)
    .map((product) => ({ product, quantity: chance.between(1, 2) }));
}

/** The fee as an online gateway writes it on the order, and the net it rewrites after every refund. */
export function withFee(order: Order): Order {
  const taken = figuresOf(order).total;
  if (!isOnline(order.payment) || taken === 0n) return order;
  const fee = divideHalfUp(taken * 15n, 1_000n) + 20n;
  const text = (pence: bigint) => `${pence / 100n}.${(pence % 100n).toString().padStart(2, '0')}`;
  const amount = (pence: bigint) => ({ currency_code: 'GBP', value: text(pence) });
  const entries: [key: string, value: unknown][] =
    order.payment.method === 'stripe'
      ? [
          ['_stripe_currency', 'GBP'],
          ['_stripe_fee', text(fee)],
          ['_stripe_net', text(taken - fee - lesser(refundedOf(order), taken - fee))],
        ]
      : [
          [
            '_ppcp_paypal_fees',
            { gross_amount: amount(taken), paypal_fee: amount(fee), net_amount: amount(taken - fee) },
          ],
          ['_ppcp_paypal_payment_mode', 'live'],
        ];
  const kept = order.meta.filter((each) => !entries.some(([key]) => key === each.key));
  const added = entries.map(([key, value], index) => ({ id: order.id * 100 + 10 + index, key, value }));
  return { ...order, meta: [...kept, ...added] };
}

/** A refund of lines, worth what they come to. */
export function refundOfLines(on: Stage, order: Order, lines: readonly ReturnedLine[], reason: string): Order {
  const own = lines.filter((line) => line.net !== 0n || line.tax !== 0n).map((line) => ({ ...line, id: on.nextId() }));
  return refunded(on, order, sum(own.map((line) => line.net + line.tax)), own, reason);
}

/** A refund; what is paid back never exceeds what was paid. */
export function refunded(
  on: Stage,
  order: Order,
  wanted: bigint,
  lines: readonly ReturnedLine[],
  reason: string,
): Order {
  const amount = lesser(wanted, figuresOf(order).total - refundedOf(order));
  const byGateway = isOnline(order.payment) && on.chance.chance(4, 5);
  const at = order.modifiedAt + 1_000;
  const refund: Refund = { id: on.nextId(), at, amount, reason, byGateway, lines };
  const isAll = refundedOf(order) + amount === figuresOf(order).total;
  const next = { ...order, refunds: [...order.refunds, refund], status: isAll ? 'refunded' : order.status };
  return order.payment.method === 'stripe' && order.meta.some((each) => each.key === '_stripe_fee')
    ? withFee(next)
    : next;
}

/** All that is left of an order, line by line. */
export function everythingLeft(order: Order): ReturnedLine[] {
  const { items, shipping, fees } = linesLeft(order);
  return [...items, ...shipping, ...fees].filter((line) => line.net !== 0n || line.tax !== 0n);
}
