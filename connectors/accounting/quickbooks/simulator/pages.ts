import { formatMinor } from '@daybook/domain';
import { escaped, page } from '../../../kit/simulator-pages.ts';
import type { BookedDocument, Company, World } from './world.ts';

const SHOWN = 20;

/** What arrived lately, per company. */
export function overviewPage(world: World): string {
  const sections = [...world.companies.values()].map((company) => {
    const { count, total } = company.totals;
    const rows = [...company.documents.values()].slice(-SHOWN).reverse();
    const money = escaped(`${company.currency} ${formatMinor(total, company.currency)}`);
    return `<h2>${escaped(company.name)}</h2>
<p>${count} sales forms, sales less credits and refunds ${money}</p>
<table><thead><tr><th>Type</th><th>No.</th><th>Date</th><th>Status</th><th>Total</th></tr></thead>
<tbody>${rows.map(documentRow).join('')}</tbody></table>`;
  });
  return page('Simulated QuickBooks Online', sections.join(''));
}

function documentRow(document: BookedDocument): string {
  const { entity, number, date, state, currency, total } = document;
  const cells = [entity, number ?? '', date, state].map((cell) => `<td>${escaped(cell)}</td>`).join('');
  return `<tr>${cells}<td class="amount">${escaped(`${currency} ${formatMinor(total, currency)}`)}</td></tr>`;
}

/** Where the administrator chooses a company. The form answers to the same address, query and all. */
export function consentPage(world: World, appName: string, chosen: Company | undefined, action: string): string {
  const choices = [...world.companies.values()].map(
    ({ realm, name }) =>
      `<p><label><input type="radio" name="company" value="${realm}"${realm === chosen?.realm ? ' checked' : ''}>
${escaped(name)}</label></p>`,
  );
  return page(
    'Connect your company',
    `<p>${escaped(appName)} asks for access to the accounting of one company.</p>
<form method="post" action="${escaped(action)}">${choices.join('')}
<button name="decision" value="connect">Connect</button>
<button name="decision" value="deny">No, thanks</button></form>`,
  );
}

/** What the person sees when the authorize URL is wrong in a way that cannot be sent back. */
export function problemPage(problem: string): string {
  return page('Sorry, but the app didn’t connect', `<p>${escaped(problem)}</p>`);
}
