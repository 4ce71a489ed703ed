/** How statements reach the cluster: by serverPort (`taosc`) or by REST. Every statement may be sent twice. */
import type { AnswerRows } from '@tdnode/rpc';

/** A way in. */
export interface Door {
  /** Runs a change; gives the rows it affected. `turn` chooses the dnode. */
  change(sql: string | Uint8Array, turn: number): Promise<number>;
  /** Runs a query and draws its rows; `db` is that of bare names. */
  rows(sql: string, options: { readonly turn: number; readonly db?: string }): Promise<AnswerRows>;
  close(): Promise<void>;
}
