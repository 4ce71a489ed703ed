/** Signals that end the server: TERM, INT and HUP stop it in good order, once; while it stops they are ignored. */

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
