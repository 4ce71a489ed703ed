/** The two ends between the main thread and an engine, and the seam to the event loop. */
import type { FromEngine, ToEngine } from './protocol.ts';

/** What the main thread holds of an engine. */
export interface EnginePort {
  post(message: ToEngine, transfer: readonly ArrayBuffer[]): void;
  /** Calls `receive` with every message of the engine. */
  listen(receive: (message: FromEngine) => void): void;
  /** Calls `gone` when the engine ended by itself. */
  onGone(gone: (error: Error) => void): void;
  /** Ends the engine; it must have been closed before. */
  terminate(): Promise<void>;
}

/** What an engine holds of the main thread. */
export type PostFromEngine = (message: FromEngine, transfer: readonly ArrayBuffer[]) => void;

/** The seam to the event loop. */
export interface Scheduler {
  /** Runs `task` after the I/O events that are waiting now. */
  soon(task: () => void): void;
  /** Runs `task` after `ms`; the result cancels it. */
  later(ms: number, task: () => void): () => void;
}

/** Node's event loop. */
export const nodeScheduler: Scheduler = {
  soon: (task) => void setImmediate(task),
  later: (ms, task) => {
    const timer = setTimeout(task, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
