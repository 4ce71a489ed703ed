/** Takes the chunks of one drain apart: which writes are for which vnode, and which answer is whose. */
import type { VgId } from '@tdnode/common';
import { recordBytes } from '@tdnode/wal';
import { RecordType } from '../record-type.ts';
import type { VnodeWrite } from '../vnode-write.ts';
import { LATER, toWire, type FlushAnswer, type ToEngine, type WireError } from './protocol.ts';

type WorkMessage = Extract<ToEngine, { kind: 'work' }>;

/** The writes that came together, by vnode and by flush. */
export class WriteBatch {
  readonly byVnode = new Map<VgId, VnodeWrite[]>();
  readonly #flushes: { readonly flush: number; readonly writes: VnodeWrite[] }[] = [];

  /** Whether it has no message, not even one without writes. */
  get isEmpty(): boolean {
    return this.#flushes.length === 0;
  }

  /** Adds one message's writes. */
  add(message: WorkMessage): void {
    const all: VnodeWrite[] = [];
    message.chunks.forEach((chunk, i) => {
      const vgId = message.vgIds[i]!;
      let writes = this.byVnode.get(vgId);
      if (writes === undefined) this.byVnode.set(vgId, (writes = []));
      readChunk(chunk, (write) => {
        write.flush = message.flush;
        write.index = all.length;
        writes.push(write);
        all.push(write);
      });
    });
    this.#flushes.push({ flush: message.flush, writes: all });
  }

  /** The answer to every flush, as things stand now; what waits is answered late. */
  answers(): FlushAnswer[] {
    return this.#flushes.map(({ flush, writes }) => {
      const versions = new Float64Array(writes.length);
      const errors: [number, WireError][] = [];
      writes.forEach((write, i) => {
        const { version, error, isWaiting } = write;
        write.isPosted = true;
        if (isWaiting) versions[i] = LATER;
        else if (error === undefined) versions[i] = version;
        else errors.push([i, toWire(error)]);
      });
      return { flush, versions, errors };
    });
  }
}

function readChunk(chunk: ArrayBuffer, take: (write: VnodeWrite) => void): void {
  const bytes = new Uint8Array(chunk);
  const view = new DataView(chunk);
  for (let at = 0; at < bytes.length;) {
    const length = view.getUint32(at, true);
    const kind = view.getUint8(at + 8) === RecordType.change ? 'change' : 'submit';
    take({
      kind,
      bytes,
      at,
      length,
      version: 0,
      error: undefined,
      isWaiting: false,
      isPosted: false,
      flush: 0,
      index: 0,
    });
    at += recordBytes(length);
  }
}
