/** A signal that aborts on the first SIGINT, SIGTERM or SIGHUP; a later one ends the process the hard way. */
export interface Interrupted extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * Supervisors say it twice, and a terminal says it to a whole group of processes, of which some pass it on: what comes within
 * so many milliseconds of the first is no other wish than that.
 */
const SAME_MS = 1000;

/** What ends a command, SIGHUP when its terminal is closed, and the status of a process that ends by it. */
const exitStatus = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

type StopSignal = keyof typeof exitStatus;

const stopSignals = Object.keys(exitStatus) as readonly StopSignal[];

interface Listening extends Interrupted {
  /** What came first, if anything did. */
  readonly first: StopSignal | undefined;
}

/** What listens since before any command does, until one does or none will. */
let early: Listening | undefined;

/**
 * Listens from now on, for the command that is to be loaded yet; else a signal would end the process meanwhile. The signal
 * aborts with that of the command.
 */
export function heedSignals(): AbortSignal {
  // To a server it says that files have changed. Where nobody listens, Node opens its debugger to all who can connect from here.
  process.on("SIGUSR1", () => undefined);
  early = listening();
  return early.signal;
}

/** Lets signals end the process: what runs has nothing to put in order. One that came already does so now. */
export function letSignalsEnd(): void {
  const came = early?.first;
  early?.[Symbol.dispose]();
  early = undefined;
  if (came !== undefined) end(came);
}

/** Listens for the signals that end a command, until disposed; those that came already count. */
export function interrupted(): Interrupted {
  const heard = early ?? listening();
  early = undefined;
  return heard;
}

function listening(): Listening {
  const controller = new AbortController();
  let first: { readonly name: StopSignal; readonly atMs: number } | undefined;
  const stop = (name: StopSignal): void => {
    if (first === undefined) {
      first = { name, atMs: performance.now() };
      // Node aborts at the end of a process whose terminal is gone: it can't give it its settings back.
      if (name === "SIGHUP") process.once("exit", () => endBy(name));
      controller.abort();
    } else if (performance.now() - first.atMs >= SAME_MS) {
      remove();
      process.stderr.write(`galley: ${name} came again: it ends at once, and streams are cut off\n`);
      end(name);
    }
  };
  const remove = (): void => {
    for (const name of stopSignals) process.removeListener(name, stop);
  };
  for (const name of stopSignals) process.on(name, stop);
  return {
    signal: controller.signal,
    get first() {
      return first?.name;
    },
    [Symbol.dispose]: remove,
  };
}

/** Ends the process by a signal that nobody listens for, so that whoever waits for it sees by which. */
function end(name: StopSignal): void {
  endBy(name);
  process.exit(exitStatus[name]); // the first process of a container is not killed by its own signals
}

function endBy(name: StopSignal): void {
  process.removeAllListeners(name);
  process.kill(process.pid, name);
}
