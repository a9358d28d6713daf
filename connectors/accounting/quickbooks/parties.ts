import type { DocumentParty } from '@daybook/domain';
import type { Api } from '../../kit/contract.ts';
import { type Contact, ensureContacts } from './contacts.ts';
import { isVendor } from './entities.ts';

/** Finds or makes customers, and vendors for processors. Answers party id → remote id. */
export async function ensureParties(parties: DocumentParty[], api: Api): Promise<Map<string, string>> {
  const unique = [...new Map(parties.map((party) => [party.id, party])).values()];
  const contacts = unique.map(
    ({ id, name, email, country }): Contact => ({
      kind: isVendor(id) ? 'vendor' : 'customer',
      id,
      name,
      email,
      country,
    }),
  );
  const ids = new Map<string, string>();
  for (const kind of ['customer', 'vendor'] as const) {
    const same = contacts.filter((each) => each.kind === kind);
    if (same.length === 0) continue;
    for (const [id, remoteId] of await ensureContacts(kind, same, api)) ids.set(id, remoteId);
  }
  return ids;
}
