import { stringify } from 'lossless-json';
import type { Random } from '../../../kit/random.ts';
import type { Cafe } from './cafe.ts';
import { uuid } from './ids.ts';
import type { SquareEvent } from './state.ts';

/** `oauth.authorization.revoked`: the application has lost the seller, and by whose doing. */
export function revocation(cafe: Cafe, chance: Random, at: Date, by: 'APPLICATION' | 'MERCHANT'): SquareEvent {
  const id = uuid(chance);
  const created_at = at.toISOString();
  const { merchantId } = cafe;
  const object = { revocation: { revoked_at: created_at, revoker_type: by } };
  const subject = { type: 'revocation', id: uuid(chance), object };
  const type = 'oauth.authorization.revoked';
  const body = stringify({ merchant_id: merchantId, type, event_id: id, created_at, data: subject })!;
  return { id, type, merchantId, locationId: null, at: at.getTime(), body };
}
