/**
 * What stands around the rows of an answer, and answers without rows, byte for byte as 2.1.2 writes them plus
 * `"code":0` behind the status of a success, which clients of later generations look for.
 */
import type { TaosError } from '@tdnode/common';
import type { ResultColumn } from '@tdnode/rpc';

/** `{"status":"succ",…,"data":[`. */
export function answerPrefix(columns: readonly ResultColumn[]): string {
  const head = columns.map((column) => headText(column.name)).join(',');
  const meta = columns
    .map((column) => `[${headText(column.name)},${column.type},${column.bytes}]`)
    .join(',');
  return `{"status":"succ","code":0,"head":[${head}],"column_meta":[${meta}],"data":[`;
}

/**
 * A head is written as 2.1.2 writes it: quotes and backslashes of an alias or of a constant's text stand there
 * bare (recorded: rest-format 47 to 49); control characters are escaped.
 */
function headText(name: string): string {
  // oxlint-disable-next-line no-control-regex
  return `"${name.replaceAll(/[\u0000-\u001f]/g, (c) => JSON.stringify(c).slice(1, -1))}"`;
}

/** `],"rows":n}`; an answer that was cut says so. */
export function answerSuffix(rows: number, truncated: boolean): string {
  return truncated ? `],"rows":${rows},"truncated":true}` : `],"rows":${rows}}`;
}

const ackPrefix =
  '{"status":"succ","code":0,"head":["affected_rows"],"column_meta":[["affected_rows",4,4]],"data":[[';

/** The answer of a statement that changed something; `columns` head the count instead of `affected_rows`. */
export function affectedAnswer(rows: number, columns?: readonly ResultColumn[]): string {
  if (columns === undefined) return `${ackPrefix}${rows}]],"rows":1}`;
  return `${answerPrefix(columns)}[${rows}]${answerSuffix(1, false)}`;
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
