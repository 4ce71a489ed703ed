/**
 * What stands around the rows of an answer, and answers without rows, byte for byte as 2.1.2 writes them plus
 * `"code":0` behind the status of a success, which clients of later generations look for.
 */
import type { TaosError } from '@tdnode/common';
import type { ResultColumn } from '@tdnode/rpc';

/** `{"status":"succ",…,"data":[`. */
export function answerPrefix(columns: readonly ResultColumn[]): string {
  const head = columns.map((column) => JSON.stringify(column.name)).join(',');
  const meta = columns
    .map((column) => `[${JSON.stringify(column.name)},${column.type},${column.bytes}]`)
    .join(',');
  return `{"status":"succ","code":0,"head":[${head}],"column_meta":[${meta}],"data":[`;
}

/** `],"rows":n}`; an answer that was cut says so. */
export function answerSuffix(rows: number, truncated: boolean): string {
  return truncated ? `],"rows":${rows},"truncated":true}` : `],"rows":${rows}}`;
}

const ackPrefix =
  '{"status":"succ","code":0,"head":["affected_rows"],"column_meta":[["affected_rows",4,4]],"data":[[';

/** The answer of a statement that changed something. */
export function affectedAnswer(rows: number, head?: string): string {
  if (head === undefined) return `${ackPrefix}${rows}]],"rows":1}`;
  const name = JSON.stringify(head);
  return `{"status":"succ","code":0,"head":[${name}],"column_meta":[[${name},4,4]],"data":[[${rows}]],"rows":1}`;
}

/** `desc` has no double quotes: 2.1.2 turns them into single ones. */
export function errorAnswer(error: TaosError): string {
  const text = error.message.replaceAll('"', "'");
  return `{"status":"error","code":${error.code},"desc":${JSON.stringify(text)}}`;
}

/** Answers of login and OPTIONS. */
export function noticeAnswer(text: string): string {
  return `{"status":"succ","code":0,"desc":${JSON.stringify(text)}}`;
}
