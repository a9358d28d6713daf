import { type CanonicalEvent, makeEvent } from '@daybook/domain';
import type { Normalized } from '../../kit/contract.ts';
import type { Bag } from './bag.ts';
import type { Told } from './envelope.ts';
import { instantOf, readCurrency, readMinor } from './money.ts';
import type { Thing } from './payload.ts';

/** Stripe's balance, on which all money of this channel lands first. */
export const PROCESSOR = 'stripe';

/** Where one object of a delivery is read: what is told around it, and what else is known. */
export interface Ground {
  told: Told;
  bag: Bag;
  settings: Readonly<Record<string, string>>;
  /** Names of what was read for this delivery. */
  fetched: ReadonlySet<string>;
  /** Ids in a list of movements that was read for it, without what is expanded inside them; null when none was. */
  listed: readonly string[] | null;
}

/** Whether the connection may ask Stripe for what a payload leaves out, although the payload could stand alone. */
export function looksUp(ground: Ground, name: string): boolean {
  return ground.settings.lookups === 'on' && !ground.fetched.has(name);
}

/** Whether the sales are told by a shop in front: then nothing that only concerns them is worth a call. */
export function onlySettles(ground: Pick<Ground, 'settings'>): boolean {
  return ground.settings.records === 'settlements';
}

/** The word that something must be read before this can become events. */
export function needs(name: string, why: string): Normalized {
  return { ignored: `needs ${name}: ${why}`, needs: name };
}

/** Whether this is play money: by the object, else the event around it, else what is known of the connection. */
export function isTest(ground: Ground, livemode: boolean | null | undefined): boolean {
  return !(livemode ?? ground.told.livemode ?? ground.settings.livemode !== 'false');
}

/** What all events of this channel share. Throws DomainError EVENT_INVALID for what does not add up. */
export function factOf(
  ground: Ground,
  fact: { type: CanonicalEvent['type']; id: string; revision: string; at: string; currency: string },
  livemode: boolean | null | undefined,
  fields: Readonly<Record<string, unknown>>,
): CanonicalEvent {
  const { at, ...head } = fact;
  const test = isTest(ground, livemode);
  const known = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return makeEvent({ version: 1, channel: 'stripe', ...head, occurredAt: instantOf(at), test, ...known });
}

/** Without the fields that have no value. */
export function present<Fields extends Readonly<Record<string, unknown>>>(fields: Fields): Partial<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  ) as Partial<Fields>;
}

/** What the buyer saw, where adaptive pricing converted it; never mixed with the event's own money. */
export function presentmentOf(details: Thing<'charge'>['presentment_details'], subject: string) {
  if (!details) return undefined;
  const currency = readCurrency(details.presentment_currency, `${subject}, presentment_currency`);
  return { currency, total: readMinor(details.presentment_amount, currency, `${subject}, presentment_amount`) };
}

const WALLETS = `alipay amazon_pay apple_pay cashapp google_pay gopay grabpay kakao_pay link mb_way mobilepay
  naver_pay payco paypal paypay pix promptpay paynow revolut_pay samsung_pay satispay swish twint upi wechat
  wechat_pay`.split(/\s+/);
const LATER = 'affirm afterpay_clearpay alma billie capchase_pay klarna kriya mondu scalapay sequra sunbit zip'.split(
  ' ',
);

/**
 * The kind of tender behind a payment method's type. Bank debits and transfers are `other`: their money is on Stripe's
 * balance like a card's, not on a bank account of ours.
 */
export function tenderKind(type: string | null | undefined): 'card' | 'wallet' | 'pay_later' | 'other' {
  if (!type || ['card', 'card_present', 'interac_present', 'kr_card'].includes(type)) return 'card';
  if (WALLETS.includes(type)) return 'wallet';
  return LATER.includes(type) ? 'pay_later' : 'other';
}
