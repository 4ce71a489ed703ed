/**
 * Looks at a store's files without changing or opening it: manifest, footer and index of every segment, the
 * checksum of every block. docs/recovery.md says what each finding means.
 */
import { CorruptionError, type FileSystem } from '@tdnode/common';
import { isIoError } from '../manifest/file-set.ts';
import { readManifest } from '../manifest/manifest-file.ts';
import { segmentName, type Manifest, type SegmentEntry } from '../manifest/manifest.ts';
import { SegmentReader } from '../segment/segment-reader.ts';

/** A bad place in a file of the store, and the rows that cannot be read because of it. */
export interface StoreDamage {
  readonly file: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly what: string;
  /** Undefined: unknown (the manifest itself, or a file that it does not describe). */
  readonly affected: AffectedRows | undefined;
}

/** An upper bound of what a bad place holds; ranges include both ends. */
export interface AffectedRows {
  readonly tidFirst: number;
  readonly tidLast: number;
  readonly tsFirst: number;
  readonly tsLast: number;
  readonly rows: number;
}

/** One file of the store. */
export interface StoreFileCheck {
  readonly file: string;
  readonly bytes: number;
  readonly damage: readonly StoreDamage[];
}

/** What `checkStore` found. */
export interface StoreCheck {
  /** The manifest first (when there is one), then segments in its order. */
  readonly files: readonly StoreFileCheck[];
  /** Up to which version everything is in files; undefined: the manifest cannot be read. */
  readonly committedVersion: number | undefined;
}

/** See the head of this file. `onFile` is told of every file before it is read. */
export function checkStore(
  fs: FileSystem,
  dir: string,
  onFile: (file: string) => void = () => {},
): StoreCheck {
  const path = `${dir}/manifest`;
  const isThere = fs.exists(path);
  onFile(path);
  let manifest: Manifest;
  try {
    manifest = readManifest(fs, dir);
  } catch (error) {
    const damage = damageOf(error, path);
    return {
      files: [
        { file: path, bytes: fileBytes(fs, path), damage: [damage] },
        ...unnamed(fs, dir, onFile),
      ],
      committedVersion: undefined,
    };
  }
  const files: StoreFileCheck[] = isThere
    ? [{ file: path, bytes: fileBytes(fs, path), damage: [] }]
    : [];
  for (const entry of manifest.segments) {
    const file = `${dir}/${segmentName(entry.partition, entry.seq)}`;
    onFile(file);
    files.push({ file, bytes: fileBytes(fs, file), damage: segmentDamage(fs, file, entry) });
  }
  return { files, committedVersion: manifest.committedVersion };
}

/** Segments of a folder whose manifest cannot be read. */
function unnamed(fs: FileSystem, dir: string, onFile: (file: string) => void): StoreFileCheck[] {
  const names = fs.list(dir).filter((name) => name.endsWith('.seg'));
  return names.map((name) => {
    const file = `${dir}/${name}`;
    onFile(file);
    return { file, bytes: fileBytes(fs, file), damage: segmentDamage(fs, file) };
  });
}

/** All bad places of one segment file; `entry`: what the manifest says of it. */
export function segmentDamage(fs: FileSystem, file: string, entry?: SegmentEntry): StoreDamage[] {
  let reader: SegmentReader;
  try {
    reader = SegmentReader.open(fs, file);
  } catch (error) {
    return [damageOf(error, file, entry === undefined ? undefined : rowsOfEntry(entry))];
  }
  try {
    if (entry !== undefined && !isSameInfo(entry, reader)) {
      return [
        {
          file,
          offset: 0,
          what: 'not the segment that the manifest names',
          affected: rowsOfEntry(entry),
        },
      ];
    }
    return badBlocks(reader, file).map(({ error, block }) =>
      damageOf(error, file, rowsOfBlock(reader, block)),
    );
  } finally {
    reader.close();
  }
}

/** The blocks of an open segment that cannot be read. */
export function badBlocks(
  reader: SegmentReader,
  file: string,
): { readonly block: number; readonly error: unknown }[] {
  const bad: { block: number; error: unknown }[] = [];
  for (let block = 0; block < reader.blockCount; block++) {
    try {
      reader.rawBlock(block);
    } catch (error) {
      damageOf(error, file);
      bad.push({ block, error });
    }
  }
  return bad;
}

/** What a manifest's entry says that is lost with its file. */
export function rowsOfEntry({ info }: SegmentEntry): AffectedRows {
  const { tidFirst, tidLast, tsFirst, tsLast, rows } = info;
  return { tidFirst, tidLast, tsFirst, tsLast, rows };
}

/** What is lost with a block. */
export function rowsOfBlock(reader: SegmentReader, block: number): AffectedRows {
  const tid = reader.tid(block);
  const [tsFirst, tsLast] = [reader.tsFirst(block), reader.tsLast(block)];
  return { tidFirst: tid, tidLast: tid, tsFirst, tsLast, rows: reader.rows(block) };
}

/** An error of reading as a finding; throws what is neither damage nor the disk's. */
export function damageOf(error: unknown, file: string, affected?: AffectedRows): StoreDamage {
  if (error instanceof CorruptionError)
    return { file, offset: error.offset, what: error.what, affected };
  if (!isIoError(error)) throw error;
  const what =
    error.code === 'ENOENT' ? 'the file is missing' : `the disk cannot read it: ${error.code}`;
  return { file, offset: 0, what, affected };
}

function isSameInfo({ info }: SegmentEntry, reader: SegmentReader): boolean {
  const { sizeBytes, blocks, rows } = reader.info;
  return info.sizeBytes === sizeBytes && info.blocks === blocks && info.rows === rows;
}

/** Size of a file; 0 when there is none. */
export function fileBytes(fs: FileSystem, path: string): number {
  if (!fs.exists(path)) return 0;
  const handle = fs.open(path, 'read');
  try {
    return handle.size();
  } finally {
    handle.close();
  }
}

/** What the manifest of a store says. Throws CorruptionError. */
export function storeSummary(
  fs: FileSystem,
  dir: string,
): { readonly committedVersion: number; readonly tidEnd: number } {
  const { committedVersion, segments } = readManifest(fs, dir);
  const tidEnd = Math.max(1, ...segments.map(({ info }) => info.tidLast + 1));
  return { committedVersion, tidEnd };
}
