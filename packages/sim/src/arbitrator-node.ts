/** The simulated host of the arbitrator: a disk and a process. */
import { silentLogger, type Random } from '@tdnode/common';
import { ARBITRATOR, Arbitrator, type ReplicaId } from '@tdnode/sync';
import { CrashError, FaultyFileSystem, MemoryFileSystem } from '@tdnode/testkit';

const FOLDER = '/arbitrator';

/** See the head of this file. */
export class ArbitratorNode {
  readonly #random: Random;
  readonly #send: (from: ReplicaId, to: ReplicaId, parts: readonly Uint8Array[]) => void;
  #disk = new MemoryFileSystem();
  #faulty = new FaultyFileSystem(this.#disk);
  #arbitrator: Arbitrator | undefined;

  constructor(
    random: Random,
    send: (from: ReplicaId, to: ReplicaId, parts: readonly Uint8Array[]) => void,
  ) {
    this.#random = random;
    this.#send = send;
    this.#disk.makeFolder(FOLDER);
    this.#disk.syncAll();
    this.start();
  }

  get isUp(): boolean {
    return this.#arbitrator !== undefined;
  }

  start(): void {
    if (this.isUp) return;
    this.#alive(() => {
      this.#arbitrator = new Arbitrator({
        fs: this.#faulty,
        logger: silentLogger,
        folder: FOLDER,
        send: (to, parts) => this.#send(ARBITRATOR, to, parts),
      });
    });
  }

  /** The process is killed, or its host loses its power. */
  crash(): void {
    this.#arbitrator = undefined;
    if (this.#random.next() < 0.7)
      this.#disk = this.#disk.crash({ data: 'random', names: 'random', random: this.#random });
    this.#faulty = new FaultyFileSystem(this.#disk);
  }

  /** The process dies `operations` changes of the disk from now. */
  crashAfter(operations: number): void {
    this.#faulty.stopAfter(operations);
  }

  receive(frame: Uint8Array<ArrayBuffer>): void {
    this.#alive(() => this.#arbitrator?.receive(frame));
  }

  tick(): void {
    this.#alive(() => this.#arbitrator?.tick());
  }

  #alive(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof CrashError)) throw error;
      this.crash();
    }
  }
}
