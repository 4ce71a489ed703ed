/**
 * The replica's state file in use: every change is on the disk when the call returns, or it throws and nothing has
 * changed. Keeps three anchors at most: where the log begins, where the files end, where they are about to end.
 */
import type { FileSystem } from '@tdnode/common';
import type { HardState } from '../core/types.ts';
import { saveState, type Anchor, type ReplicaState } from './replica-state.ts';

/** See the head of this file. */
export class StableState {
  readonly #fs: FileSystem;
  readonly #folder: string;
  #state: ReplicaState;

  constructor(fs: FileSystem, folder: string, state: ReplicaState) {
    this.#fs = fs;
    this.#folder = folder;
    this.#state = state;
  }

  /** Term and vote. */
  get hardState(): HardState {
    return this.#state.hardState;
  }

  /** The anchor at `version`, if there is one. */
  anchor(version: number): Anchor | undefined {
    return this.#state.anchors.find((anchor) => anchor.version === version);
  }

  saveHardState(hardState: HardState): void {
    this.#save({ ...this.#state, hardState });
  }

  /** Files are about to end at `next`; now they do at `filesVersion`. */
  filesWillEnd(next: Anchor, filesVersion: number): void {
    if (this.anchor(next.version) !== undefined) return;
    const isKept = ({ version }: Anchor, i: number): boolean => i === 0 || version === filesVersion;
    this.#saveAnchors([...this.#state.anchors.filter(isKept), next]);
  }

  /** Files of another replica, up to `next`, are about to take the place of all. */
  filesWillBeReplaced(next: Anchor, filesVersion: number): void {
    const isKept = ({ version }: Anchor): boolean => version <= filesVersion;
    this.#saveAnchors([...this.#state.anchors.filter(isKept), next]);
  }

  /** The log begins after `base` from now on. */
  logBegins(base: Anchor): void {
    const later = this.#state.anchors.filter(({ version }) => version > base.version);
    this.#saveAnchors([base, ...later]);
  }

  #saveAnchors(anchors: readonly Anchor[]): void {
    this.#save({ ...this.#state, anchors });
  }

  #save(state: ReplicaState): void {
    saveState(this.#fs, this.#folder, state);
    this.#state = state;
  }
}
