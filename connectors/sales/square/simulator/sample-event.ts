import { stringify } from 'lossless-json';
import type { Cafe } from './cafe.ts';
import { usd } from './wire.ts';

/** The body of a made-up event for a subscription's test: a payment of one dollar, whatever the type. */
export function testBody(cafe: Cafe, type: string, eventId: string, at: string): string {
  const payment = {
    id: 'hYy9pRFVxpDsO1FB05SunFWUe9JZY',
    created_at: at,
    updated_at: at,
    amount_money: usd(100n),
    total_money: usd(100n),
    approved_money: usd(100n),
    status: 'APPROVED',
    source_type: 'CARD',
    card_details: { status: 'AUTHORIZED', card: { card_brand: 'MASTERCARD', last_4: '9029' }, entry_method: 'KEYED' },
    location_id: cafe.locations[0]!.id,
    order_id: '03O3USaPaAaFnI6kkwB1JxGgBsUZY',
    version_token: 'FfQhQJf9r3VSQIgyWBk1oqhIwiznLwVwJbVVA0bdyEv6o',
  };
  const family = type.slice(0, type.lastIndexOf('.')).replaceAll('.', '_');
  const subject =
    family === 'payment' ? { id: payment.id, object: { payment } } : { id: eventId, object: { [family]: {} } };
  return stringify({
    merchant_id: cafe.merchantId,
    type,
    event_id: eventId,
    created_at: at,
    data: { type: family, ...subject },
  })!;
}
