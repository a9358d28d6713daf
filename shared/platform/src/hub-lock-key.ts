/** The advisory lock that one hub holds per database: the bytes of "dayb" and "hub ". */
export const HUB_LOCK_KEY: readonly [number, number] = [0x64617962, 0x68756220];
