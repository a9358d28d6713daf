/** Where "now" comes from; handed in, so that a test can decide what time it is. */
export type Clock = () => Date;

/** The machine's clock. */
export const systemClock: Clock = () => new Date();
