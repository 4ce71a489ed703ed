/** Statements over serverPort of all dnodes. */
import { answerRows, type AnswerRows, type ClusterClient } from '@tdnode/rpc';
import type { Door } from './door.ts';

/** See the head of this file. */
export class RpcDoor implements Door {
  readonly #client: ClusterClient;

  constructor(client: ClusterClient) {
    this.#client = client;
  }

  async change(sql: string | Uint8Array, turn: number): Promise<number> {
    const answer = await this.#client.execute(sql, { turn });
    if (answer.kind === 'affected') return answer.rows;
    await answerRows(answer);
    return 0;
  }

  async rows(
    sql: string,
    { turn, db }: { readonly turn: number; readonly db?: string },
  ): Promise<AnswerRows> {
    return answerRows(await this.#client.execute(sql, db === undefined ? { turn } : { turn, db }));
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}
