import type { ConnectionOptions } from "../../grpc/dial/keep-connected.ts";
import type { SinkEvent } from "../../mcp/sink/client.ts";
import { type Change, topicOf, type XdsChange } from "../../model/received/change.ts";
import type { InMemoryStore } from "../../model/received/store.ts";
import type { XdsEvent } from "../../xds/client/client.ts";
import type { WatchEvent } from "./notes.ts";
import type { Session } from "./session.ts";

/** What a client of either protocol needs to tell a session of everything. */
interface Followed extends Pick<ConnectionOptions, "address" | "tls" | "signal"> {
  readonly apply: (change: Change | XdsChange) => void;
  readonly onEvent: (event: SinkEvent | XdsEvent) => void;
}

/** Has a session told of what comes. @param missing what has still to come; what came is taken out of it */
export function followedBy(session: Session, store: InMemoryStore, missing: Set<string>): Followed {
  const { address, tls, signal } = session;
  return {
    address,
    ...(tls !== undefined && { tls }),
    signal,
    apply(change) {
      const subject = topicOf(change);
      const first = store.get(subject) === undefined;
      const { version } = change;
      session.arrived({ subject, version, effects: store.apply(change), first, at: session.wall() });
      if (missing.delete(subject) && missing.size === 0) session.complete();
    },
    onEvent(event) {
      const told = toldOf(event);
      if (told !== undefined) session.note(told);
    },
  };
}

/** What of it is worth telling; nothing of what goes as it should. */
function toldOf(event: SinkEvent | XdsEvent): WatchEvent | undefined {
  switch (event.kind) {
    case "connected":
      return { kind: "connected" };
    case "disconnected":
      return event;
    case "nacked":
      return {
        kind: "nacked",
        subject: "typeUrl" in event ? event.typeUrl : event.collection,
        message: event.message,
      };
    case "unasked":
      return { kind: "unasked", subject: event.typeUrl };
    case "acked":
    case "connecting":
      return undefined;
  }
}
