/** The last step of a query in an 'ns' database: stored times become ticks, as 64-bit integers. */
import { NULL_BIGINT, SqlType, ticksOfStored } from '@tdnode/common';
import type { Batch, I64Vector, Vector } from '@tdnode/common';
import type { PlanColumn } from '../plan/metadata.ts';

/** The batch with its times as ticks. A time column that is of integers already stays. */
export function withTicks(batch: Batch, columns: readonly PlanColumn[]): Batch {
  const vectors = batch.columns.map((vector, i) =>
    columns[i]!.type === SqlType.TIMESTAMP ? ticksOf(vector, batch.rows) : vector,
  );
  return { rows: batch.rows, columns: vectors };
}

function ticksOf(vector: Vector, rows: number): I64Vector | Vector {
  if (vector.kind !== 'f64') return vector;
  const data = new BigInt64Array(rows);
  for (let i = 0; i < rows; i++) {
    const time = vector.data[i]!;
    data[i] = time === time ? ticksOfStored(time) : NULL_BIGINT;
  }
  return { kind: 'i64', data, unsigned: false, nullCount: vector.nullCount };
}
