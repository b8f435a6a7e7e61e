import type { XdsChange } from "../../model/received/change.ts";
import { ChangeLoop, type Watch } from "../../model/received/change-loop.ts";
import { runXdsClient, type XdsClientOptions } from "./client.ts";

/** Like the options of `runXdsClient`; changes come from the loop. */
export interface WatchTypesOptions extends Omit<XdsClientOptions, "apply" | "signal"> {
  /** Ends the loop. */
  readonly signal?: AbortSignal;
}

/**
 * What a server of aggregated discovery sends of some types, to loop over with `for await`. Connects when the first change
 * is asked for, and reconnects by itself (see `runXdsClient`). To ask for the next change is to acknowledge the one before;
 * to leave the loop is to leave the server.
 */
export function watchTypes(options: WatchTypesOptions): Watch<XdsChange> {
  return new ChangeLoop((apply, signal) => runXdsClient({ ...options, apply, signal }), options.signal);
}
