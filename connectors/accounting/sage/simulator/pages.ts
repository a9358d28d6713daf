import { formatMinor } from '@daybook/domain';
import { escaped, page } from '../../../kit/simulator-pages.ts';
import type { Business, World } from './world.ts';

const SHOWN = 20;

/** What arrived lately, per business. */
export function overviewPage(world: World): string {
  return page('Simulated Sage Accounting', [...world.businesses.values()].map(section).join(''));
}

function section(business: Business): string {
  const rows = [...business.rows.values()]
    .slice(-SHOWN)
    .reverse()
    .map((row) => {
      const cells = [row.resource.replaceAll('_', ' '), row.name, row.reference, row.date, row.state];
      const total = `${row.currency} ${formatMinor(row.total, row.currency)}`;
      const shown = cells.map((cell) => `<td>${escaped(cell)}</td>`).join('');
      return `<tr>${shown}<td class="amount">${escaped(total)}</td></tr>`;
    });
  return `<h2>${escaped(business.name)}</h2><p>${business.rows.size} documents</p>
<table><thead><tr><th>Kind</th><th>Number</th><th>Reference</th><th>Date</th><th>State</th><th>Total</th></tr></thead>
<tbody>${rows.join('')}</tbody></table>`;
}

/** Where the user agrees. The form answers to the same address, query and all. */
export function consentPage(world: World, appName: string, action: string): string {
  const names = [...world.businesses.values()].map(({ name }) => `<li>${escaped(name)}</li>`);
  return page(
    'Allow access',
    `<p>${escaped(appName)} asks for full access to all of your businesses:</p><ul>${names.join('')}</ul>
<form method="post" action="${escaped(action)}">
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button></form>`,
  );
}

/** What the user sees when the authorize URL is wrong in a way that cannot be sent back. */
export function problemPage(problem: string): string {
  return page('Sorry, something went wrong', `<p>${escaped(problem)}</p>`);
}
