/** Small answers as rows of JavaScript values, for the tools' looks at metadata; not for data. */
import { isStringType, vectorValue } from '@tdnode/common';
import type { SqlAnswer } from '../server/sql-handler.ts';
import type { ResultColumn } from '../services/mnode-service.ts';

/** One value: text for BINARY and NCHAR, bigint for whole numbers beyond ±2⁵³, times as whole numbers. */
export type AnswerValue = null | number | bigint | string;

/** A whole answer in memory; a change has no rows and no columns. */
export interface AnswerRows {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly AnswerValue[])[];
}

const decoder = new TextDecoder();

/** Draws an answer to its end. */
export async function answerRows(answer: SqlAnswer): Promise<AnswerRows> {
  if (answer.kind === 'affected') return { columns: [], rows: [] };
  const { columns } = answer;
  const rows: AnswerValue[][] = [];
  for await (const batch of answer.batches) {
    for (let i = 0; i < batch.rows; i++) {
      rows.push(
        batch.columns.map((vector, c) => {
          const value = vectorValue(vector, i);
          if (!(value instanceof Uint8Array)) return value;
          return isStringType(columns[c]!.type) ? decoder.decode(value) : null;
        }),
      );
    }
  }
  return { columns, rows };
}
