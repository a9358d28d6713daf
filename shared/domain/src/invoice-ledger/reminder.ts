/** Days overdue at which a reminder of level 1, 2 and 3 is due where the company has not set its own. */
export const REMINDER_DAYS: readonly [number, number, number] = [7, 21, 35];

/** Level of the reminder that so many days overdue have reached, 0 for none (accounting.md E7). */
export function reminderLevel(days: number, limits: readonly number[] = REMINDER_DAYS): number {
  return limits.filter((limit) => days >= limit).length;
}
