/**
 * Runs INSERT: parse, fetch or create the tables that the catalog cache does not know, parse again, write to
 * all vgroups at once.
 *
 * A statement is atomic in each vgroup, not across: when one fails, the error says how many rows are stored.
 * A vnode that does not know a table, or knows a newer schema, means that the cache is stale: the tables of
 * the statement are forgotten and it runs once more. That is safe where other vgroups have stored their rows:
 * the same rows again change nothing.
 */
import { ErrorCode, TaosError, type Clock, type TimeZone, type VgId } from '@tdnode/common';
import type { MnodeService, Session, VnodeService, WriteResult } from '@tdnode/rpc';
import { InsertParser, type InsertContext, type InsertResult, type SubmitPart } from '@tdnode/sql';
import type { CatalogCache } from './catalog-cache.ts';
import { TableLoader } from './table-loader.ts';

/** What inserts need. */
export interface InsertEnvironment {
  readonly mnode: MnodeService;
  readonly vnodes: VnodeService;
  readonly cache: CatalogCache;
  readonly clock: Clock;
}

/** Who inserts; the zone is that of its time literals. */
export type InsertSession = Session & { readonly zone: TimeZone };

/** Parses of one statement: database, stable, child tables, and changes that cross it. */
const MAX_ROUNDS = 10;

/** Runs inserts: parse, look up what is missing, parse again, write to the vgroups. */
export class Inserter {
  readonly #environment: InsertEnvironment;
  readonly #parser: InsertParser;

  constructor(environment: InsertEnvironment) {
    this.#environment = environment;
    this.#parser = new InsertParser(environment.cache);
  }

  /** Runs the statement in `sql`; returns the number of affected rows; throws TaosError. */
  async execute(sql: Uint8Array, session: InsertSession): Promise<number> {
    const { cache } = this.#environment;
    cache.shrink();
    let loader: TableLoader | undefined;
    let isRetry = false;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const result = this.#parser.parse(sql, this.#context(session));
      if (result.kind === 'needs') {
        loader ??= new TableLoader(this.#environment.mnode, cache, session);
        await loader.meet(result.needs);
        continue;
      }
      // The payloads are the parser's memory: all writes begin before anybody else can parse.
      const failure = await this.#write(result);
      if (failure === undefined) return result.affectedRows;
      if (isRetry || !isStale(failure)) throw failure;
      isRetry = true;
      cache.forgetting(() => this.#parser.parse(sql, this.#context(session)));
    }
    throw new TaosError(ErrorCode.TSC_ACTION_IN_PROGRESS, undefined, {
      detail: 'tables of this statement keep changing; try again',
    });
  }

  #context(session: InsertSession): InsertContext {
    const { cache, clock } = this.#environment;
    const { db, zone } = session;
    const database = db === undefined ? -1 : cache.databaseOrdinal(db);
    return { databaseName: db, database, zone, nowMs: clock.now() };
  }

  /** Writes to all vgroups; the error that the client gets, or undefined. */
  async #write(result: Rows): Promise<TaosError | undefined> {
    const { vnodes } = this.#environment;
    const { parts } = result;
    if (parts.length === 1) {
      try {
        await vnodes.write(parts[0]!.vgId as VgId, 'submit', parts[0]!.payload);
        return undefined;
      } catch (error) {
        if (error instanceof TaosError) return error;
        throw error;
      }
    }
    const writes: Promise<WriteResult>[] = [];
    for (const part of parts) writes.push(vnodes.write(part.vgId as VgId, 'submit', part.payload));
    return failureOf(await Promise.allSettled(writes), result);
  }
}

type Rows = Extract<InsertResult, { kind: 'rows' }>;

function isStale(error: TaosError): boolean {
  const { code } = error;
  return code === ErrorCode.TDB_INVALID_TABLE_ID || code === ErrorCode.TDB_IVD_TB_SCHEMA_VERSION;
}

/** One error for all vgroups: the first that is not about a stale cache, with what was stored. */
function failureOf(
  outcomes: readonly PromiseSettledResult<WriteResult>[],
  result: Rows,
): TaosError | undefined {
  const failed: { readonly part: SubmitPart; readonly error: TaosError }[] = [];
  let stored = 0;
  outcomes.forEach((outcome, i) => {
    const part = result.parts[i]!;
    if (outcome.status === 'fulfilled') stored += part.rows;
    else if (outcome.reason instanceof TaosError) failed.push({ part, error: outcome.reason });
    else throw outcome.reason;
  });
  if (failed.length === 0) return undefined;
  const { error } = failed.find((one) => !isStale(one.error)) ?? failed[0]!;
  const vgroups = failed.map((one) => one.part.vgId).join(', ');
  const count = `${stored} of ${result.affectedRows} rows are stored, not those of vgroup ${vgroups}`;
  return new TaosError(error.code, error.message, {
    detail: error.detail === undefined ? count : `${count}: ${error.detail}`,
    cause: error,
  });
}
