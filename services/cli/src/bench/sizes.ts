import type { BenchSize } from './bench.ts';

export const PARTS = ['ingest', 'posting', 'path', 'report'] as const;
export type Part = (typeof PARTS)[number];

export const QUICK: BenchSize = {
  rounds: 5,
  limitMs: 14_000,
  connections: 32,
  loadMs: 700,
  steadyMs: 700,
  steadyPerSecond: 1_000,
  batch: 300,
  batches: 6,
  pathMs: 1_200,
  warmUpOrders: 100,
  reportLines: 200_000,
};
export const FULL: BenchSize = {
  ...QUICK,
  rounds: 7,
  limitMs: 150_000,
  loadMs: 3_000,
  steadyMs: 3_000,
  batches: 20,
  pathMs: 8_000,
  reportLines: 5_000_000,
};
