/**
 * The arbitrator's driver: one core per vgroup, its state in a file of its own, fsynced before any answer leaves.
 * A vgroup is known from its first message on.
 */
import {
  ByteReader,
  ByteWriter,
  CorruptionError,
  type FileSystem,
  type Logger,
} from '@tdnode/common';
import { crc32 } from 'node:zlib';
import {
  ArbitratorCore,
  NEW_ARBITRATOR_STATE,
  type ArbitratorOutput,
  type ArbitratorState,
} from '../core/arbitrator.ts';
import { ARBITRATOR, type ReplicaId } from '../core/types.ts';
import { decodeMessage } from '../messages/codec.ts';
import { messageHead } from './frames.ts';

const MAGIC = 0x42_52_41_54;
const HEADER_BYTES = 8;

/** What an arbitrator stands on. */
export interface ArbitratorServices {
  readonly fs: FileSystem;
  readonly logger: Logger;
  /** Folder of the state files; it is there. */
  readonly folder: string;
  readonly send: (to: ReplicaId, parts: readonly Uint8Array[]) => void;
  readonly electionTicks?: number;
}

/** See the head of this file. */
export class Arbitrator {
  readonly #services: ArbitratorServices;
  readonly #cores = new Map<number, ArbitratorCore>();

  /** Opens what is kept in the folder. Throws CorruptionError. */
  constructor(services: ArbitratorServices) {
    this.#services = services;
    const { fs, folder } = services;
    // What is read has to be on the disk: the process before may have been killed between a new name and its sync.
    fs.syncFolder(folder);
    for (const name of fs.list(folder)) {
      const match = /^vgroup(\d+)$/.exec(name);
      if (match !== null) this.#open(Number(match[1]), readState(fs, `${folder}/${name}`));
    }
  }

  /** The vgroups that were ever asked about, ascending. */
  get vgroups(): number[] {
    return [...this.#cores.keys()].sort((a, b) => a - b);
  }

  /** What is kept about a vgroup. */
  state(vgId: number): ArbitratorState {
    return this.#cores.get(vgId)?.state ?? NEW_ARBITRATOR_STATE;
  }

  /** Takes one frame of a replica. */
  receive(frame: Uint8Array<ArrayBuffer>): void {
    const decoded = decodeMessage(new ByteReader(frame));
    if (decoded === undefined || decoded.message.to !== ARBITRATOR) return;
    const { vgId, message } = decoded;
    const core = this.#cores.get(vgId) ?? this.#open(vgId, NEW_ARBITRATOR_STATE);
    this.#carryOut(vgId, core.step({ kind: 'message', message }));
  }

  /** Time passed. */
  tick(): void {
    for (const [vgId, core] of this.#cores) this.#carryOut(vgId, core.step({ kind: 'tick' }));
  }

  /** The connection to a replica broke. */
  peerLost(peer: ReplicaId): void {
    for (const [vgId, core] of this.#cores)
      this.#carryOut(vgId, core.step({ kind: 'peerLost', peer }));
  }

  #open(vgId: number, state: ArbitratorState): ArbitratorCore {
    const { electionTicks } = this.#services;
    const core = new ArbitratorCore(state, electionTicks === undefined ? {} : { electionTicks });
    this.#cores.set(vgId, core);
    return core;
  }

  #carryOut(vgId: number, { state, messages }: ArbitratorOutput): void {
    const { fs, folder, send } = this.#services;
    if (state !== undefined) writeState(fs, folder, vgId, state);
    for (const message of messages) send(message.to, [messageHead(vgId, message)]);
  }
}

function writeState(fs: FileSystem, folder: string, vgId: number, state: ArbitratorState): void {
  const body = new ByteWriter(64);
  body.f64(state.term);
  body.i32(state.votedFor);
  const { members, epoch, era } = state.inSync;
  body.u8(members.length);
  for (const id of members) body.u32(id);
  body.f64(epoch);
  body.f64(era);
  const file = new ByteWriter(64);
  file.u32(MAGIC);
  file.u32(crc32(body.view()));
  file.bytes(body.view());
  const path = `${folder}/vgroup${vgId}`;
  const handle = fs.open(`${path}.new`, 'create');
  try {
    handle.write(file.view(), 0);
    handle.sync();
  } finally {
    handle.close();
  }
  fs.rename(`${path}.new`, path);
  fs.syncFolder(folder);
}

function readState(fs: FileSystem, path: string): ArbitratorState {
  const bytes = fs.readFile(path);
  const reader = new ByteReader(bytes);
  const isOurs = reader.u32() === MAGIC && reader.u32() === crc32(bytes.subarray(HEADER_BYTES));
  const term = reader.f64();
  const votedFor = reader.i32();
  const members = Array.from({ length: reader.u8() }, () => reader.u32());
  const inSync = { members, epoch: reader.f64(), era: reader.f64() };
  if (!isOurs || reader.error !== undefined)
    throw new CorruptionError(path, 0, reader.error ?? 'checksum mismatch');
  return { term, votedFor, inSync };
}
