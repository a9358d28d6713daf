/** A bucket that empties by use and refills with time; amounts are points or calls. */
export interface Bucket {
  maximum: number;
  restoreRate: number;
  /** What is left now. */
  available(): number;
  /** Takes the amount if it is there. */
  take(amount: number): boolean;
  /** Gives back what was taken too much. */
  giveBack(amount: number): void;
}

/** Shopify's leaky bucket: `maximum` at once, `restoreRate` a second (shopify.dev/docs/api/usage/limits). */
export function bucket(maximum: number, restoreRate: number, now: () => Date): Bucket {
  let left = maximum;
  let at = now().getTime();
  const refill = () => {
    const time = now().getTime();
    left = Math.min(maximum, left + (Math.max(0, time - at) / 1000) * restoreRate);
    at = time;
  };
  return {
    maximum,
    restoreRate,
    available: () => {
      refill();
      return Math.floor(left);
    },
    take: (amount) => {
      refill();
      if (amount > left) return false;
      left -= amount;
      return true;
    },
    giveBack: (amount) => {
      left = Math.min(maximum, left + amount);
    },
  };
}
