/** Runs once before all tests. The database for tests is prepared in `database.ts`. */
export default async function setup(): Promise<void> {}
