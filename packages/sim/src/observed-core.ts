/** A core that is listened to. A class with a method each: the driver asks cores all the time. */
import type { ConfigAt, Core, Input, Output, PeerView, Refusal, ReplicaId } from '@tdnode/sync';

/** What is heard. */
export interface CoreEvents {
  /** It gave another its vote. */
  voted(): void;
  /** It is master of `term`. */
  isMaster(term: number): void;
  /** Its log is about to be cut after `version`. */
  cutTo(version: number): void;
  /** Files of another replica took the place of its own. */
  installed(): void;
}

/** `core`, heard by `events`. */
export function observedCore(core: Core, events: CoreEvents): Core {
  let masterTerm = -1;
  return changedCore(core, (output, input) => {
    if (output.truncateAfter !== undefined) events.cutTo(output.truncateAfter);
    if (input !== 'start' && input.kind === 'filesInstalled') events.installed();
    for (const message of output.messages)
      if (message.kind === 'voteAck' && message.isGranted && !message.isPreVote) events.voted();
    if (output.role === 'master' && output.term !== masterTerm) {
      masterTerm = output.term;
      events.isMaster(output.term);
    }
    return output;
  });
}

/** `core` with something done to everything it says. */
export function changedCore(
  core: Core,
  change: (output: Output, input: Input | 'start') => Output,
): Core {
  return new ChangedCore(core, change);
}

class ChangedCore implements Core {
  readonly #core: Core;
  readonly #change: (output: Output, input: Input | 'start') => Output;

  constructor(core: Core, change: (output: Output, input: Input | 'start') => Output) {
    this.#core = core;
    this.#change = change;
  }

  step(input: Input): Output {
    return this.#change(this.#core.step(input), input);
  }

  start(): Output {
    return this.#change(this.#core.start(), 'start');
  }

  refusal(): Refusal | undefined {
    return this.#core.refusal();
  }

  get role(): Core['role'] {
    return this.#core.role;
  }

  get term(): number {
    return this.#core.term;
  }

  get master(): ReplicaId {
    return this.#core.master;
  }

  get commit(): number {
    return this.#core.commit;
  }

  get config(): ConfigAt {
    return this.#core.config;
  }

  configAt(version: number): ConfigAt {
    return this.#core.configAt(version);
  }

  wantsFiles(version: number, term: number): boolean {
    return this.#core.wantsFiles(version, term);
  }

  get isReadable(): boolean {
    return this.#core.isReadable;
  }

  get keepLogFrom(): number {
    return this.#core.keepLogFrom;
  }

  get peers(): readonly PeerView[] {
    return this.#core.peers;
  }
}
