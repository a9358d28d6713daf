import { defineConfig } from 'drizzle-kit';

/** `pnpm exec drizzle-kit generate --config infra/drizzle.config.ts --name what_it_does` writes the next migration. */
export default defineConfig({
  dialect: 'postgresql',
  schema: ['./shared/platform/src/schema/*.ts', './shared/ledger/src/schema.ts', './shared/ledger/src/schema/*.ts'],
  out: './infra/migrations',
});
