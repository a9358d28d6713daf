import { formatMinor } from '@daybook/domain';
import { escaped, page } from '../../../kit/simulator-pages.ts';
import { type Organisation, shownStatus, type World } from './world.ts';

const SHOWN = 20;

/** What arrived lately, per organisation. */
export function overviewPage(world: World): string {
  const sections = [...world.organisations.values()].map((organisation) => {
    const { count, total } = organisation.totals;
    const rows = [...organisation.documents.values()].slice(-SHOWN).reverse();
    const money = (minor: bigint) => escaped(`${organisation.currency} ${formatMinor(minor, organisation.currency)}`);
    return `<h2>${escaped(organisation.name)}</h2>
<p>${count} approved documents, invoices less credit notes ${money(total)}</p>
<table><thead><tr><th>Number</th><th>Reference</th><th>Date</th><th>Status</th><th>Total</th></tr></thead>
<tbody>${rows.map((each) => documentRow(organisation, each)).join('')}</tbody></table>`;
  });
  return page('Simulated Xero', sections.join(''));
}

function documentRow(organisation: Organisation, document: Parameters<typeof shownStatus>[1]): string {
  const sign = document.kind === 'credit_note' ? '−' : '';
  const total = `${document.currency} ${sign}${formatMinor(document.total, document.currency)}`;
  const cells = [document.number, document.reference, document.date, shownStatus(organisation, document)];
  const shown = cells.map((cell) => `<td>${escaped(cell)}</td>`).join('');
  return `<tr>${shown}<td class="amount">${escaped(total)}</td></tr>`;
}

/** Where the person chooses organisations. The form answers to the same address, query and all. */
export function consentPage(world: World, appName: string, scopes: readonly string[], action: string): string {
  const boxes = [...world.organisations.values()].map(
    (each) =>
      `<p><label><input type="checkbox" name="organisation" value="${each.tenantId}" checked>
${escaped(each.name)}</label></p>`,
  );
  return page(
    'Allow access',
    `<p>${escaped(appName)} asks for: ${escaped(scopes.join(', '))}</p>
<form method="post" action="${escaped(action)}">${boxes.join('')}
<button name="decision" value="allow">Allow access</button>
<button name="decision" value="deny">Cancel</button></form>`,
  );
}

/** What the person sees when the authorize URL is wrong in a way that cannot be sent back. */
export function problemPage(problem: string): string {
  return page('Sorry, something went wrong', `<p>${escaped(problem)}</p>`);
}
