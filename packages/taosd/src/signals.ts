/**
 * What the server does on signals. TERM, INT and HUP stop it in good order, once; while it stops they are ignored.
 * USR1 makes its log verbose, USR2 begins a new log file, both as in 2.1.2. Left alone, USR1 would open the runtime's
 * debugger and USR2 would end the process.
 */

const stopSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Calls back at the first of the signals. */
export function onStopSignal(stop: (signal: NodeJS.Signals) => void): void {
  let isStopping = false;
  for (const signal of stopSignals) {
    process.on(signal, () => {
      if (isStopping) return;
      isStopping = true;
      stop(signal);
    });
  }
}

/** Calls back at USR1 and USR2. */
export function onLogSignals(react: {
  readonly verbose: () => void;
  readonly newFile: () => void;
}): void {
  process.on('SIGUSR1', react.verbose);
  process.on('SIGUSR2', react.newFile);
}
