import { z } from 'zod';

/** Stored credentials of a connection that OAuth made: a `TokenSet` of the contract, instants in ISO 8601. */
export const storedTokens = z.object({
  accessToken: z.string().min(1),
  accessTokenExpiresAt: z.string().nullable(),
  refreshToken: z.string().nullable(),
  refreshTokenExpiresAt: z.string().nullable(),
  scopes: z.array(z.string()),
});
