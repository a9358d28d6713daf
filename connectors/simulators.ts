// Generated from the folders by `pnpm generate`; never edited.
import type { SimulatorModule } from './kit/simulator.ts';

/** Loads the simulator of a connector. For tests, infra and the sandbox only. */
export const simulators: Readonly<Record<string, () => Promise<SimulatorModule>>> = {
  shopify: () => import('./sales/shopify/simulator.ts'),
  square: () => import('./sales/square/simulator.ts'),
  stripe: () => import('./sales/stripe/simulator.ts'),
  woocommerce: () => import('./sales/woocommerce/simulator.ts'),
  quickbooks: () => import('./accounting/quickbooks/simulator.ts'),
  sage: () => import('./accounting/sage/simulator.ts'),
  xero: () => import('./accounting/xero/simulator.ts'),
};
