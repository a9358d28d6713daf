/**
 * What the standard charts do by themselves (accounting.md B and I): accounts that take tax out of gross amounts, the
 * accounts they put it on, and the keys that make any other account do so.
 */
export interface StandardChart {
  /** Account → what is taken out: 'out 19' = output tax of 19 %, 'in 7' = input tax of 7 %, 'other' = something else. */
  automatic: Readonly<Record<string, string>>;
  taxAccounts: Readonly<Record<string, string>>;
  keys: Readonly<Record<string, string>>;
  /** Account for entries of many lines, even after each; a proposal that the adviser opens. */
  interim: string;
}

/** Takes an automatic account's tax away. */
export const WITHOUT_TAX = '40';

const KEYS = { 'out 19': '3', 'out 7': '2', 'in 19': '9', 'in 7': '8' };

export const STANDARD_CHARTS: Readonly<Record<'03' | '04', StandardChart>> = {
  '03': {
    automatic: {
      ...each('out 19', '8400 8720 8736 8760 8790 8820 1718 2406'),
      ...each('out 7', '8300 8710 8731 8750 8780 1711 2401'),
      ...each('in 19', '3400 3736 3760 3790'),
      ...each('in 7', '3300 3731 3750 3780'),
      ...each('other', '8310 8315 8449 3420 3425'),
    },
    taxAccounts: { 'out 19': '1776', 'out 7': '1771', 'in 19': '1576', 'in 7': '1571' },
    keys: KEYS,
    interim: '1599',
  },
  '04': {
    automatic: {
      ...each('out 19', '4400 4720 4736 4760 4790 3272 6936'),
      ...each('out 7', '4300 4710 4731 4750 4780 3260 6931'),
      ...each('in 19', '5400 5736 5760 5790'),
      ...each('in 7', '5300 5731 5750 5780'),
      ...each('other', '4310 4315 4449 5420 5425'),
    },
    taxAccounts: { 'out 19': '3806', 'out 7': '3801', 'in 19': '1406', 'in 7': '1401' },
    keys: KEYS,
    interim: '1379',
  },
};

function each(tax: string, accounts: string): Record<string, string> {
  return Object.fromEntries(accounts.split(' ').map((account) => [account, tax]));
}
