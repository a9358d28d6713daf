/** Milliseconds that a Retry-After header in whole seconds asks for; undefined for a date, nonsense or no header. */
export function retryAfter(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,7}$/.test(header.trim()) ? Number.parseInt(header, 10) * 1000 : undefined;
}
