/**
 * Small random databases for the differential test: a few child tables of one stable, on two vgroups, with rows that
 * cluster in time, in milli-, micro- or nanoseconds.
 */
import type { Precision, Random } from '@tdnode/common';

/** A row as the evaluator sees it. */
export interface Row {
  readonly table: Table;
  /** Ticks. */
  readonly ts: bigint;
  readonly i: number | null;
  readonly d: number | null;
  readonly b: bigint | null;
  readonly s: string | null;
  /** Never NULL: what states are made of. */
  readonly k: number;
}

/** A child table; `g` and `p` are its tags. */
export interface Table {
  readonly name: string;
  readonly uid: number;
  readonly vgId: number;
  readonly g: number | null;
  readonly p: string | null;
}

/** A database and its rows; of each table they ascend in time. */
export interface Sample {
  readonly precision: Precision;
  /** Ticks between two places where rows may stand. */
  readonly step: bigint;
  /** The first such place. */
  readonly base: bigint;
  readonly tables: readonly Table[];
  readonly rows: readonly Row[];
  /** Rows that are written and deleted again, and by what. */
  readonly deleted: readonly Row[];
  readonly deletes: readonly Deletion[];
}

/** A stretch of a table, both ends included. */
export interface Deletion {
  readonly table: Table;
  readonly from: bigint;
  readonly to: bigint;
}

/** Milliseconds since 1970 around which all rows lie. */
export const BEGIN_MS = 1_600_000_000_000;
/** Rows stand at the first so many places. */
export const PLACES = 60;

/** Ticks of a millisecond. */
export const TICKS_PER_MS: Readonly<Record<Precision, bigint>> = {
  ms: 1n,
  us: 1000n,
  ns: 1_000_000n,
};

/** A whole number in [0, n). */
export function below(random: Random, n: number): number {
  return Math.floor(random.next() * n);
}

/** One of a list. */
export function oneOf<V>(random: Random, list: readonly V[]): V {
  return list[below(random, list.length)]!;
}

/** A value, or NULL one time in five. */
function maybe<V>(random: Random, make: () => V): V | null {
  return below(random, 5) === 0 ? null : make();
}

/** A database of a random shape. */
export function makeSample(random: Random): Sample {
  const precision = oneOf<Precision>(random, ['ms', 'us', 'ns']);
  const perMs = TICKS_PER_MS[precision];
  const step = oneOf(random, [
    1n,
    10n,
    700n,
    1000n * perMs,
    18_000_000n * perMs,
    86_400_000n * perMs,
  ]);
  const odd = precision === 'ms' ? 0n : BigInt(below(random, Number(perMs)));
  const base = BigInt(BEGIN_MS) * perMs + odd;
  const tables = Array.from({ length: 2 + below(random, 3) }, (_, n): Table => ({
    name: `t${n}`,
    uid: 2000 + n,
    vgId: 2 + below(random, 2),
    g: maybe(random, () => below(random, 3)),
    p: maybe(random, () => oneOf(random, ['x', 'yy', ''])),
  }));
  const written = tables.flatMap((table) => rowsOf(random, table, { base, step }));
  const deletes = Array.from({ length: below(random, 3) }, (): Deletion => {
    const from = base + BigInt(below(random, PLACES)) * step + BigInt(below(random, 3) - 1);
    return { table: oneOf(random, tables), from, to: from + BigInt(below(random, 12)) * step };
  });
  const isDeleted = (row: Row): boolean =>
    deletes.some(({ table, from, to }) => row.table === table && row.ts >= from && row.ts <= to);
  const rows = written.filter((row) => !isDeleted(row));
  return { precision, step, base, tables, rows, deleted: written.filter(isDeleted), deletes };
}

function rowsOf(
  random: Random,
  table: Table,
  { base, step }: { readonly base: bigint; readonly step: bigint },
): Row[] {
  const places = new Set<number>();
  for (let n = below(random, 40); n > 0; n--) places.add(below(random, PLACES));
  return [...places]
    .sort((a, b) => a - b)
    .map((place) => ({
      table,
      ts: base + BigInt(place) * step,
      i: maybe(random, () => below(random, 41) - 20),
      d: maybe(random, () => (below(random, 81) - 40) / 4),
      b: maybe(random, () => wide(random)),
      s: maybe(random, () => oneOf(random, ['', 'a', 'ab', 'B'])),
      k: 1 + below(random, 3),
    }));
}

/** Mostly around ±2⁵³, where doubles end. */
function wide(random: Random): bigint {
  const centre = oneOf(random, [0n, 2n ** 53n, -(2n ** 53n), 2n ** 62n]);
  return centre + BigInt(below(random, 7) - 3);
}
