/** A bucket of calls that empties by use and refills with time. */
export interface Bucket {
  /** Takes one if it is there; otherwise seconds until it is. */
  take(): true | number;
}

/** `maximum` calls at once, `perSecond` more each second. Square does not publish its own numbers. */
export function bucket(maximum: number, perSecond: number, now: () => Date): Bucket {
  let left = maximum;
  let at = now().getTime();
  return {
    take: () => {
      const time = now().getTime();
      left = Math.min(maximum, left + (Math.max(0, time - at) / 1000) * perSecond);
      at = time;
      if (left < 1) return Math.ceil((1 - left) / perSecond);
      left -= 1;
      return true;
    },
  };
}
