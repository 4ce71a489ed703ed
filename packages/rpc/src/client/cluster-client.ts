/**
 * A user's statements over all dnodes of a cluster, for the tools: it begins with one end point, learns the others from
 * `show dnodes`, and asks another when one does not answer.
 *
 * Every statement may arrive twice: callers send only what may be repeated (`if not exists`, rows with times of their
 * own, reads). Streams of rows are not repeated once their head has come.
 */
import { ErrorCode, TaosError, type Clock } from '@tdnode/common';
import type { TlsOptions } from '../auth/tls.ts';
import { NetworkError } from '../messages/failure.ts';
import type { SqlAnswer } from '../server/sql-handler.ts';
import { answerRows } from './answer-rows.ts';
import { SqlClient, type SqlSettings } from './sql-client.ts';

/** Where to begin, and as whom. */
export interface ClusterClientOptions {
  /** `fqdn:serverPort` of dnodes that may be asked first. */
  readonly endPoints: readonly string[];
  readonly user: string;
  readonly password: string;
  /** As `show connections` names it. */
  readonly program: string;
  readonly clock: Clock;
  readonly tls?: TlsOptions | undefined;
  /** How long a statement looks for a dnode that can do it, in ms; 60,000 unless told. */
  readonly patienceMs?: number;
  /** Resolves after so many ms. */
  readonly pause: (ms: number) => Promise<void>;
  /** Called once for each dnode that stops answering while there are others. */
  readonly onSilent?: (endPoint: string, error: TaosError) => void;
}

/** What holds for one statement of a cluster. */
export interface ClusterSettings extends SqlSettings {
  /** Which dnode is asked first, modulo their number; they take turns unless told. */
  readonly turn?: number;
  /** Instead of the client's. */
  readonly patienceMs?: number;
}

interface Member {
  readonly endPoint: string;
  readonly client: SqlClient;
  /** Asked last before this time of the monotonic clock. */
  silentUntil: number;
}

const PATIENCE_MS = 60_000;
/** Whoever starts a tool against a host that is not there wants to know it soon. */
const FIRST_PATIENCE_MS = 3_000;
/** A dnode that did not answer is left alone so long. */
const SILENCE_MS = 2_000;
const PAUSE_MS = 200;

/** Failures of a cluster in motion: the same statement may succeed a moment later. */
const PASSING: ReadonlySet<number> = new Set([
  ErrorCode.RPC_NOT_READY,
  ErrorCode.RPC_REDIRECT,
  ErrorCode.RPC_NETWORK_UNAVAIL,
  ErrorCode.RPC_TOO_SLOW,
  ErrorCode.APP_NOT_READY,
  ErrorCode.MND_NOT_READY,
  ErrorCode.MND_VGROUP_NOT_READY,
  ErrorCode.VND_IS_BALANCING,
  ErrorCode.VND_IS_CLOSING,
  ErrorCode.VND_IS_FLOWCTRL,
  ErrorCode.VND_NOT_SYNCED,
  ErrorCode.SYN_NOT_ENABLED,
  ErrorCode.SYN_CONFIRM_EXPIRED,
]);

/** See the head of this file. */
export class ClusterClient {
  readonly #options: ClusterClientOptions;
  #members: Member[];
  #turn = 0;

  constructor(options: ClusterClientOptions) {
    this.#options = options;
    this.#members = options.endPoints.map((endPoint) => this.#member(endPoint));
  }

  /** The dnodes that are asked. */
  get endPoints(): readonly string[] {
    return this.#members.map(({ endPoint }) => endPoint);
  }

  /**
   * Asks for the dnodes of the cluster and keeps those that answer from here; names that do not lead to them stay out.
   * Returns what was left out.
   */
  async discover(): Promise<readonly string[]> {
    const answer = await this.execute('show dnodes', { patienceMs: FIRST_PATIENCE_MS });
    const { columns, rows } = await answerRows(answer);
    const at = columns.findIndex(({ name }) => name === 'end_point');
    const stateAt = columns.findIndex(({ name }) => name === 'status');
    const ready = rows.filter((row) => row[stateAt] === 'ready').map((row) => String(row[at]));
    const left: string[] = [];
    const found: Member[] = [];
    for (const endPoint of ready) {
      const member =
        this.#members.find((known) => known.endPoint === endPoint) ?? this.#member(endPoint);
      const answers = await member.client.execute('select server_status()').then(
        () => true,
        () => false,
      );
      if (answers) found.push(member);
      else left.push(endPoint);
    }
    if (found.length > 0) {
      const others = this.#members.filter((member) => !found.includes(member));
      this.#members = found;
      await Promise.all(others.map(({ client }) => client.close()));
    }
    return left;
  }

  /** Runs a statement that may be repeated; throws what stays wrong for `patienceMs`. */
  async execute(sql: string | Uint8Array, settings: ClusterSettings = {}): Promise<SqlAnswer> {
    const { clock, pause } = this.#options;
    const usual = this.#options.patienceMs ?? PATIENCE_MS;
    const { turn = this.#turn++, patienceMs = usual, ...rest } = settings;
    const end = clock.monotonic() + patienceMs;
    for (;;) {
      let failure: TaosError | undefined;
      for (const member of this.#inOrder(turn)) {
        try {
          return await member.client.execute(sql, rest);
        } catch (error) {
          failure = this.#passing(member, error);
          if (settings.signal?.aborted === true) throw failure;
        }
      }
      if (failure === undefined || clock.monotonic() >= end) throw failure ?? noDnode();
      await pause(PAUSE_MS);
    }
  }

  /** Breaks all connections. */
  async close(): Promise<void> {
    await Promise.all(this.#members.map(({ client }) => client.close()));
  }

  #member(endPoint: string): Member {
    const { user, password, tls, program } = this.#options;
    const client = new SqlClient({ endPoint, user, password, tls, program });
    return { endPoint, client, silentUntil: 0 };
  }

  /** Whose turn it is first, silent ones last. */
  #inOrder(turn: number): readonly Member[] {
    const members = this.#members;
    if (members.length === 1) return members;
    const first = turn % members.length;
    const turned = [...members.slice(first), ...members.slice(0, first)];
    const now = this.#options.clock.monotonic();
    return turned.sort((a, b) => Number(a.silentUntil > now) - Number(b.silentUntil > now));
  }

  /** Notes that a dnode was silent; throws what another dnode would not mend. */
  #passing(member: Member, error: unknown): TaosError {
    if (!(error instanceof TaosError) || !PASSING.has(error.code)) throw error;
    if (error instanceof NetworkError) {
      const now = this.#options.clock.monotonic();
      const isNews = member.silentUntil === 0 && this.#members.length > 1;
      if (isNews) this.#options.onSilent?.(member.endPoint, error);
      member.silentUntil = now + SILENCE_MS;
    }
    return error;
  }
}

function noDnode(): TaosError {
  return new TaosError(ErrorCode.RPC_NETWORK_UNAVAIL, undefined, { detail: 'no dnode is known' });
}
