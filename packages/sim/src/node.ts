/**
 * One simulated host with one replica: its disk and its process. A crash takes the process and, if the power goes,
 * what was not synced; a start makes a new process on what is left.
 */
import { TaosError, type Clock, type FileSystem, type Random } from '@tdnode/common';
import type { Config, Core, CoreOptions, CoreStart, Replica, ReplicaId } from '@tdnode/sync';
import { CrashError, FaultyFileSystem, MemoryFileSystem } from '@tdnode/testkit';
import type { History, Operation } from './history.ts';
import { observedCore } from './observed-core.ts';
import { plantedCore, plantedFileSystem, type Plant } from './plants.ts';
import type { Machine, ReplicaStyle, SimProcess } from './process.ts';
import { tracedCore, type Trace } from './trace.ts';

/** What all hosts of a group have in common, and what they stand on. */
export interface HostServices {
  readonly clock: Clock;
  readonly random: Random;
  readonly history: History;
  readonly machine: Machine;
  readonly style: ReplicaStyle;
  readonly plant: Plant | undefined;
  readonly send: (from: ReplicaId, to: ReplicaId, parts: readonly Uint8Array[]) => void;
  /** Whether a process that starts now is told of an arbitrator. */
  readonly hasArbitrator: () => boolean;
  readonly trace: Trace | undefined;
}

/** See the head of this file. */
export class SimNode {
  readonly id: ReplicaId;
  readonly #services: HostServices;
  #disk = new MemoryFileSystem();
  #faulty = new FaultyFileSystem(this.#disk);
  /** The process; undefined while it is down. */
  process: SimProcess | undefined;
  /** Whether this process has been master. */
  wasMaster = false;
  #hasVoted = false;
  /** Counted by how often it began; a process of an earlier one is dead. */
  #life = 0;

  /** A new host; `config` is what it knows of its group. */
  constructor(id: ReplicaId, services: HostServices, config: Config) {
    this.id = id;
    this.#services = services;
    services.machine.found(this.#disk, id, config);
    this.#disk.syncAll();
  }

  get replica(): Replica | undefined {
    return this.process?.replica;
  }

  get isUp(): boolean {
    return this.process !== undefined;
  }

  /** Starts the process; it may crash while it does. */
  start(): void {
    const life = ++this.#life;
    this.wasMaster = false;
    this.#alive(() => {
      const { clock, random, history, send, machine, style, plant, hasArbitrator } = this.#services;
      const fs: FileSystem = plantedFileSystem(this.#faulty, plant);
      this.process = machine.open({
        id: this.id,
        fs,
        clock,
        random,
        style,
        hasArbitrator: hasArbitrator(),
        send: (to, parts) => {
          if (life === this.#life) send(this.id, to, parts);
        },
        createCore: (start, options) => this.#core(start, options),
        acknowledged: (operation) => {
          if (life === this.#life) history.acknowledged(operation, this.process!.replica.term);
        },
      });
    });
  }

  /** Whether this replica has voted for another since the last time. */
  takeVoted(): boolean {
    const hasVoted = this.#hasVoted;
    this.#hasVoted = false;
    return hasVoted;
  }

  #core(start: CoreStart, options: CoreOptions): Core {
    const { trace, clock, history, plant } = this.#services;
    const core = observedCore(plantedCore(start, options, plant), {
      voted: () => (this.#hasVoted = true),
      isMaster: (term) => {
        this.wasMaster = true;
        history.mastered(this.id, term);
      },
      cutTo: (version) => {
        if ((this.replica?.applied ?? 0) > version) history.counts.rollbacks++;
      },
      installed: () => history.counts.installs++,
    });
    if (trace === undefined) return core;
    return tracedCore(
      core,
      () => `${Math.round(clock.monotonic())} [${this.id}.${this.#life}]`,
      trace,
    );
  }

  /** The process is killed, or the power is cut, which takes what was not synced. A host that is down stays as it is. */
  crash(): void {
    if (this.process !== undefined || this.#faulty.crashed) this.#end(false);
  }

  /** What is not synced stays at the mercy of the next power cut when only the process ends. */
  #end(isDiskBroken: boolean): void {
    const { random, history, trace, style } = this.#services;
    const luck = random.next();
    const isPowerCut = style.durability === 'synced' && (isDiskBroken || luck < 0.75);
    const fate = luck < 0.4 ? 'random' : 'drop';
    trace?.(`${this.id} ${isPowerCut ? `loses its power, ${fate}` : 'is killed'}`);
    if (isPowerCut) this.#disk = this.#disk.crash({ data: fate, names: fate, random });
    this.#faulty = new FaultyFileSystem(this.#disk);
    this.process = undefined;
    this.#life++;
    history.counts.crashes++;
  }

  /** The process dies `operations` changes of the disk from now. */
  crashAfter(operations: number): void {
    this.#faulty.stopAfter(operations);
  }

  /** The disk is full for the next writes of the log. */
  fillDisk(times: number): void {
    this.#faulty.fail({
      operation: 'write',
      code: 'ENOSPC',
      pathPart: '.log',
      times,
      shortBytes: 20,
    });
  }

  /** The next fsync of the log fails: what is on the disk then is anybody's guess. */
  failSync(): void {
    this.#faulty.fail({ operation: 'sync', code: 'EIO', pathPart: '.log' });
  }

  /** All is well with the disk. */
  heal(): void {
    this.#faulty.heal();
  }

  /** Something happens in the process; afterwards its turn is over, or its next one is as well. */
  act(work: (process: SimProcess) => void, endsTurn: boolean): void {
    this.#alive(() => {
      const { process } = this;
      if (process === undefined) return;
      work(process);
      if (endsTurn) process.endTurn();
    });
  }

  /** Clients' writes, one batch. */
  write(operations: readonly Operation[]): void {
    this.act((process) => process.write(operations), this.#services.random.next() < 0.7);
  }

  /** Runs `work`; a dead disk ends the process, refusals are the clients' business. */
  #alive(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#services.trace?.(`${this.id} ${String(error)}`);
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EIO') this.#end(true);
      else if (error instanceof CrashError) this.#end(false);
      else if (!(error instanceof TaosError) && code !== 'ENOSPC') throw error;
    }
    // Whoever has a replica that has ended opens it anew.
    if (this.replica?.failure !== undefined || this.#faulty.crashed) this.crash();
  }
}
