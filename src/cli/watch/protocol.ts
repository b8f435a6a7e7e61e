import type { Failure } from "./advice.ts";
import type { TlsFlags } from "./client-tls.ts";
import type { KindOf, Noun } from "./printer.ts";
import type { Session, WatchEnd } from "./session.ts";

/** One way of talking to a server, with all that it says and is said of it. */
export interface WatchProtocol {
  readonly noun: Noun;
  readonly kindOf: KindOf;
  /** What a person can do about a connection that fails like this. */
  readonly advise: (failure: Failure, flags: TlsFlags | undefined) => string | undefined;
  readonly watch: (session: Session) => Promise<WatchEnd>;
}
