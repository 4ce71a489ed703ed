/**
 * 10,000 random SELECTs over random databases in real vnodes, in memory and in files, in milli-, micro- and
 * nanoseconds, against an evaluator over plain rows. A failure names the seed of its database and its number there.
 */
import { seededRandom } from '@tdnode/common';
import { expect, test } from 'vitest';
import { Database, type Value } from './database.ts';
import { makeSample } from './sample.ts';
import { makeCase } from './shapes.ts';
import type { Case } from './source.ts';

const FIRST_SEED = Number(process.env['TDNODE_SEED'] ?? 20_210_801);
const DATABASES = process.env['TDNODE_FULL'] === '1' ? 4000 : 400;
const CASES = 25;
/** Milliseconds that a part may take on a busy machine. */
const PATIENCE = 600_000;
/** Databases a test, so that none runs for long. */
const SHARE = DATABASES / 8;

/** Moves doubles off the middle between two roundings, where many sums of quarters lie. */
const OFF_THE_MIDDLE = 1 + 1e-11 * Math.PI;

/** Doubles agree in nine digits, small ones to a millionth; integers and times in all. */
function canonical(value: Value): string {
  if (typeof value !== 'number')
    return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
  if (Number.isInteger(value)) return String(BigInt(value));
  const moved = value * OFF_THE_MIDDLE;
  return String(Number(Math.abs(value) < 1000 ? moved.toFixed(6) : moved.toPrecision(9)) + 0);
}

function textsOf(rows: Case['rows'], isOrdered: boolean): string[] {
  const texts = rows.map((row) => row.map(canonical).join(' '));
  return isOrdered ? texts : texts.sort();
}

async function checkDatabase(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const sample = makeSample(random);
  const database = new Database(sample, seed);
  for (let number = 0; number < CASES; number++) {
    const { sql, rows, isOrdered } = makeCase({ random, sample });
    const where = `seed ${seed}, case ${number}, ${sample.precision}: ${sql}`;
    const answer = await database.query(sql).catch((error: unknown) => {
      throw new Error(where, { cause: error });
    });
    expect(textsOf(answer, isOrdered), where).toEqual(textsOf(rows, isOrdered));
  }
  database.close();
}

test.each([0, 1, 2, 3, 4, 5, 6, 7])(
  'part %i: every answer is what the text means',
  async (part) => {
    for (let n = 0; n < SHARE; n++) await checkDatabase(FIRST_SEED + part * SHARE + n);
  },
  PATIENCE,
);
