/**
 * What a dump folder holds: `manifest.json` says what was asked for and the schemas, `progress.jsonl` has a line for each
 * file that is whole, with rows and checksum of each table in it. A dump that was killed goes on from these.
 */
import * as fs from 'node:fs';
import path from 'node:path';
import type { Precision } from '@tdnode/common';
import { DumpError } from '../dump-error.ts';
import type { ColumnDef } from './cell.ts';

/** The format's number; docs/format/dump.md says what each brought. */
export const DUMP_VERSION = 1;

const MANIFEST = 'manifest.json';
const PROGRESS = 'progress.jsonl';

/** A stable with its tags, or a normal table without. */
export interface TableSchemaDef {
  readonly name: string;
  readonly kind: 'stable' | 'normal';
  readonly columns: readonly ColumnDef[];
  readonly tags: readonly ColumnDef[];
}

/** A database of a dump. */
export interface DatabaseDef {
  readonly name: string;
  readonly precision: Precision;
  /** Words of `create database`, as `show databases` has them. */
  readonly options: readonly (readonly [string, string | number])[];
  readonly tables: readonly TableSchemaDef[];
}

/** What was asked for; a dump is only continued under the same. */
export interface DumpScope {
  /** undefined: all. */
  readonly databases: readonly string[] | undefined;
  /** undefined: all. Stables, child and normal tables. */
  readonly tables: readonly string[] | undefined;
  /** As given with -S and -E. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly schemaOnly: boolean;
  readonly withoutProperties: boolean;
  /** 0: as the number of tables suggests. */
  readonly tablesPerFile: number;
  readonly format: 'parquet' | 'csv';
}

/** `manifest.json`. */
export interface Manifest {
  readonly version: number;
  readonly server: string;
  /** ISO 8601. */
  readonly begun: string;
  readonly ended: string | undefined;
  readonly scope: DumpScope;
  readonly databases: readonly DatabaseDef[];
}

/** One table in a file. */
export interface TableRecord {
  readonly name: string;
  readonly rows: number;
  /** See TableDigest. */
  readonly crc: string;
}

/** A line of `progress.jsonl`. */
export interface FileRecord {
  /** From the dump's folder. */
  readonly file: string;
  readonly db: string;
  /** The stable or the normal table. */
  readonly schema: string;
  readonly kind: 'rows' | 'tags';
  readonly bytes: number;
  readonly tables: readonly TableRecord[];
}

/** The folder of a dump. */
export class DumpFolder {
  readonly path: string;

  constructor(folder: string) {
    this.path = folder;
  }

  /** A file of the dump, whose folder is made. */
  place(file: string): string {
    const place = path.join(this.path, file);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    return place;
  }

  /** undefined: there is no dump. */
  readManifest(): Manifest | undefined {
    const file = path.join(this.path, MANIFEST);
    if (!fs.existsSync(file)) return undefined;
    const manifest = parse(fs.readFileSync(file, 'utf8'), file) as Manifest;
    if (manifest.version === DUMP_VERSION) return manifest;
    throw new DumpError(
      `${file} is of version ${manifest.version}, this program reads version ${DUMP_VERSION}`,
    );
  }

  writeManifest(manifest: Manifest): void {
    const file = this.place(MANIFEST);
    fs.writeFileSync(`${file}.part`, `${JSON.stringify(manifest, undefined, 1)}\n`, {
      flush: true,
    });
    fs.renameSync(`${file}.part`, file);
  }

  /** Files that are whole, in the order they were finished. A line that a kill cut off does not count. */
  readProgress(): readonly FileRecord[] {
    const file = path.join(this.path, PROGRESS);
    if (!fs.existsSync(file)) return [];
    const lines = fs.readFileSync(file, 'utf8').split('\n');
    lines.pop();
    return lines.map((line, i) => parse(line, `${file}:${i + 1}`) as FileRecord);
  }

  /** Cuts off a line that a kill left half written, so that the next one begins where it should. */
  repairProgress(): void {
    const file = path.join(this.path, PROGRESS);
    if (!fs.existsSync(file)) return;
    const bytes = fs.readFileSync(file);
    fs.truncateSync(file, bytes.lastIndexOf(10) + 1);
  }

  /** Notes that a file is whole. */
  addProgress(record: FileRecord): void {
    const line = `${JSON.stringify(record)}\n`;
    fs.appendFileSync(path.join(this.path, PROGRESS), line, { flush: true });
  }
}

function parse(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DumpError(`${place} is damaged: ${(error as Error).message}`);
  }
}
