/** What a run is to do, as the command line or a JSON file says it. Plain data; nothing here is checked again later. */

/** Types that `-b` and `columns` take, upper case. */
export const COLUMN_TYPES = [
  'BOOL',
  'TINYINT',
  'SMALLINT',
  'INT',
  'BIGINT',
  'FLOAT',
  'DOUBLE',
  'BINARY',
  'NCHAR',
  'TIMESTAMP',
] as const;
/** See COLUMN_TYPES. */
export type ColumnType = (typeof COLUMN_TYPES)[number];

/** Values that look like a meter's instead of like dice. */
export type Meaning = 'current' | 'voltage' | 'phase' | 'groupid' | 'location' | 'number';

/** A column or tag to be made and filled. */
export interface ColumnSpec {
  readonly name: string;
  readonly type: ColumnType;
  /** Declared length of BINARY and NCHAR; of no meaning for others. */
  readonly width: number;
  readonly meaning?: Meaning;
}

/** Where and as whom. */
export interface Connection {
  readonly host: string;
  /** serverPort. */
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** taos.cfg, or its folder; undefined: none was named. */
  readonly configDir: string | undefined;
}

/** How rows reach the cluster: `taosc` is serverPort, `rest` is `/rest/sql` on serverPort + 11. */
export type Interface = 'taosc' | 'rest';

/** A stable with its child tables, or a family of normal tables (`isNormal`). */
export interface TableJob {
  readonly stable: string;
  readonly isNormal: boolean;
  readonly prefix: string;
  readonly childCount: number;
  readonly childTablesExist: boolean;
  /** Made by the first insert, `insert into … using … tags …`. */
  readonly autoCreate: boolean;
  /** Tables in one `create table`. */
  readonly createBatch: number;
  /** Of existing tables: which are written, in the order of their names; -1: all. */
  readonly childLimit: number;
  readonly childOffset: number;
  readonly insertRows: number;
  /** Rows of a table before the next one's turn; 0: a table is filled before the next. */
  readonly interlaceRows: number;
  readonly intervalMs: number;
  /** Between rows, in ticks of the database's precision. */
  readonly timestampStep: number;
  /** ms since 1970. */
  readonly startMs: number;
  /** 0 to 50, percent. */
  readonly disorderRatio: number;
  /** Ticks that an unordered row lies back at most. */
  readonly disorderRange: number;
  readonly maxSqlBytes: number;
  readonly columns: readonly ColumnSpec[];
  readonly tags: readonly ColumnSpec[];
  /** Rows as text, one a line without its time; undefined: random rows. */
  readonly sampleFile: string | undefined;
  /** Tags as text, a line a child table; undefined: made up. */
  readonly tagsFile: string | undefined;
  readonly via: Interface;
}

/** A database to be filled. */
export interface DatabaseJob {
  readonly name: string;
  readonly drop: boolean;
  /** Words behind `create database … `, as they are said: `replica 1 days 10`. */
  readonly options: readonly (readonly [string, string | number])[];
  readonly precision: 'ms' | 'us' | 'ns';
  readonly tables: readonly TableJob[];
}

/** `filetype: insert`. */
export interface InsertJob {
  readonly kind: 'insert';
  readonly connection: Connection;
  readonly threads: number;
  readonly createThreads: number;
  readonly rowsPerRequest: number;
  readonly resultFile: string;
  readonly seed: number;
  readonly databases: readonly DatabaseJob[];
  readonly asksFirst: boolean;
  /** Print `show vgroups` while tables are made. */
  readonly watchesVgroups: boolean;
  /** After the rows: aggregates over them (`-x`). */
  readonly thenAsks: boolean;
}

/** One statement of a query run. */
export interface QueryStatement {
  readonly sql: string;
  /** Rows are appended to this file and a dash and the thread's number; undefined: they are counted only. */
  readonly result: string | undefined;
}

/** `filetype: query`. */
export interface QueryJob {
  readonly kind: 'query';
  readonly connection: Connection;
  readonly database: string;
  readonly via: Interface;
  readonly times: number;
  readonly asksFirst: boolean;
  readonly specified:
    | {
        readonly intervalMs: number;
        readonly concurrent: number;
        readonly statements: readonly QueryStatement[];
      }
    | undefined;
  /** `xxxx` in a statement stands for each child table's name. */
  readonly eachTable:
    | {
        readonly stable: string;
        readonly intervalMs: number;
        readonly threads: number;
        readonly statements: readonly QueryStatement[];
      }
    | undefined;
}

/** `-s`: statements of a file, one after the other. */
export interface ScriptJob {
  readonly kind: 'script';
  readonly connection: Connection;
  readonly file: string;
  readonly database: string | undefined;
}

/** All that taosdemo does. */
export type Job = InsertJob | QueryJob | ScriptJob;
