import type { Change } from "../../model/received/change.ts";
import { ChangeLoop, type Watch } from "../../model/received/change-loop.ts";
import { runSink, type SinkOptions } from "./client.ts";

/** Like the options of `runSink`; changes come from the loop. */
export interface WatchOptions extends Omit<SinkOptions, "apply" | "signal"> {
  /** Ends the loop. */
  readonly signal?: AbortSignal;
}

/**
 * The changes of a source's collections, to loop over with `for await`. Connects when the first one is asked for, and
 * reconnects by itself (see `runSink`).
 *
 * To ask for the next change is to acknowledge the one before: it was taken in. To leave the loop, by `break`, `return` or
 * an error, is to leave the source: the last change stays unanswered, and the loop ends when every socket is closed. An
 * aborted signal ends the loop like the end of a list.
 */
export function watchCollections(options: WatchOptions): Watch<Change> {
  return new ChangeLoop((apply, signal) => runSink({ ...options, apply, signal }), options.signal);
}
