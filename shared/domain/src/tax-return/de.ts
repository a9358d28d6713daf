import { sum } from '../money.ts';

/** Kennzahlen of whole euros, in the order of their numbers. */
const EUROS = `21 35 41 42 43 44 45 46 48 49 50 60 73 76 77 81 84 86 87 89 90 91 93 94 95`.split(' ');
/** Kennzahlen of euros and cents. */
const CENTS = `36 37 39 47 59 61 62 63 64 65 66 67 69 74 80 85 96 98`.split(' ');

/** Percent of the bases whose tax the form works out itself. */
const RATES = { 81: 19n, 86: 7n, 89: 19n, 93: 7n } as const;
const ADDED = ['36', '47', '85', '65', '69', '80', '96', '98', '74'];
const TAKEN_OFF = ['66', '61', '62', '67', '63', '64', '59', '39'];

/** A figure of the form: whole euros of a base, cents of a tax. */
export interface Kennzahl {
  kz: string;
  unit: 'euros' | 'cents';
  amount: bigint;
}

/** The German Umsatzsteuer-Voranmeldung (accounting.md H7b). */
export interface Ustva {
  /** Figures that are not zero, by number; Kz 83 is told beside. */
  figures: Kennzahl[];
  /** Remaining prepayment, cents; below zero = due from the tax office. */
  kz83: bigint;
}

/**
 * The form of what the boxes came to, in cents. Bases are cut to whole euros toward zero, and the form's tax on 81, 86,
 * 89 and 93 is a rate of the cut base: Kz 83 differs from the tax accounts by cents.
 */
export function ustva(boxes: ReadonlyMap<string, bigint>): Ustva {
  const box = (kz: string) => boxes.get(kz) ?? 0n;
  const euros = (kz: string) => box(kz) / 100n;
  const worked = Object.entries(RATES).map(([kz, percent]) => percent * euros(kz));
  const kz83 = sum(worked) + sum(ADDED.map(box)) - sum(TAKEN_OFF.map(box));
  const figures: Kennzahl[] = [
    ...EUROS.map((kz) => ({ kz, unit: 'euros' as const, amount: euros(kz) })),
    ...CENTS.map((kz) => ({ kz, unit: 'cents' as const, amount: box(kz) })),
  ];
  const told = figures.filter(({ amount }) => amount !== 0n).sort((a, b) => (a.kz < b.kz ? -1 : 1));
  return { figures: told, kz83 };
}
