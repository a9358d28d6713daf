/** Scopes an app created today may ask for; the broad ones (accounting.transactions …) are refused. */
const GRANULAR = ['invoices', 'payments', 'banktransactions', 'manualjournals', 'settings', 'contacts', 'attachments'];
const KNOWN = new Set([
  ...['openid', 'profile', 'email', 'offline_access'],
  ...GRANULAR.flatMap((name) => [`accounting.${name}`, `accounting.${name}.read`]),
]);

/** Why these scopes cannot be granted, or null. */
export function scopeProblem(scopes: readonly string[]): string | null {
  const unknown = scopes.find((scope) => !KNOWN.has(scope));
  if (unknown !== undefined) return `Invalid scope for client: ${unknown}`;
  if (scopes.includes('offline_access') && !scopes.includes('openid')) return 'offline_access needs openid';
  return null;
}

const NEEDED: Readonly<Record<string, string>> = {
  Invoices: 'accounting.invoices',
  CreditNotes: 'accounting.invoices',
  Payments: 'accounting.payments',
  BankTransactions: 'accounting.banktransactions',
  BankTransfers: 'accounting.banktransactions',
  ManualJournals: 'accounting.manualjournals',
  Contacts: 'accounting.contacts',
  Accounts: 'accounting.settings',
  TaxRates: 'accounting.settings',
  Currencies: 'accounting.settings',
  Organisation: 'accounting.settings',
  Organisations: 'accounting.settings',
};

/** Whether the granted scopes cover the call; `.read` covers reading only. */
export function allows(scopes: readonly string[], resource: string, writes: boolean): boolean {
  const needed = NEEDED[resource];
  if (needed === undefined) return true;
  return scopes.includes(needed) || (!writes && scopes.includes(`${needed}.read`));
}
