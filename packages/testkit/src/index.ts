export { MemoryFileSystem } from './fs/memory-file-system.ts';
export type { CrashOptions, Fate } from './fs/memory-file-system.ts';
export { CrashError, FaultyFileSystem } from './fs/faulty-file-system.ts';
export type { Fault, FileOperation } from './fs/faulty-file-system.ts';
export { rewriteScript, runScript } from './datadriven.ts';
export type { ScriptCommand, ScriptResult } from './datadriven.ts';
export { pageDump } from './page-dump.ts';
export { assertNothingOpen } from './leaks.ts';
export { ManualClock } from './manual-clock.ts';
