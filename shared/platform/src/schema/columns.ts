import { bigint, customType, timestamp } from 'drizzle-orm/pg-core';

/** Raw bytes. */
export const bytea = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' });

/** Identity of a high-volume row, as bigint. */
export const identity = () => bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity();

/** An instant in UTC. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** Reference to an identity column. */
export const reference = (name: string) => bigint(name, { mode: 'bigint' });

/** Minor units. */
export const minorUnits = (name: string) => bigint(name, { mode: 'bigint' });
