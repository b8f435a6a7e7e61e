import { createServer, type Server } from "node:net";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { Acceptor } from "./acceptor.ts";
import type { Address } from "./address.ts";
import { bind } from "./bind.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import type { Method, Peer } from "./method.ts";
import { silentTransportObserver, type TransportObserver } from "./observer.ts";
import { connectionPlaces, openFilesLimit } from "./places.ts";
import type { MethodTable } from "./request.ts";
import { status } from "./status.ts";
import { renewTicketKeys } from "./tickets.ts";
import {
  createTlsServer,
  replaceCredentials,
  type Credentials,
  type CredentialsVerdict,
  type TlsSettings,
} from "./tls.ts";

/** What `listen` needs. */
export interface ListenOptions {
  readonly address: Address;
  readonly methods: readonly Method[];
  /** Without it connections are plaintext. */
  readonly tls?: TlsSettings;
  /** What differs from `defaultLimits`, of whose connections there are no more than the process may open files for. */
  readonly limits?: Partial<Limits>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly observer?: TransportObserver;
  /**
   * Whether a peer may be served anything but health and reflection, as of now; when connections run out, the last ones are for
   * those. Everybody may without it.
   */
  readonly mayBeServed?: (peer: Peer) => boolean;
}

/** A gRPC server that listens. Disposing it is a shutdown without grace. */
export interface GrpcServer extends AsyncDisposable {
  /** Where it listens, with the port that the system chose. */
  readonly address: Address;
  /** Connections that speak HTTP/2. */
  readonly connections: number;
  /** Open calls on all of them. */
  readonly streams: number;
  /** What new connections are shown from now on; open ones keep what they have. Unusable credentials change nothing. */
  setCredentials(credentials: Credentials): CredentialsVerdict;
  /** Has peers judged again by `mayBeServed`: those who no longer may lose their connections, as at a shutdown. */
  recheck(): void;
  /**
   * Stops listening, says GOAWAY, ends every call with `UNAVAILABLE`, and after `deadlineMs` closes by force what is still
   * open. Resolves when everything is closed. A further call can only shorten the deadline.
   */
  shutdown(deadlineMs: number): Promise<void>;
}

/** TCP's own keepalive is slow, but it watches where HTTP/2's can't: in handshakes, and after a peer's GOAWAY. */
const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: defaultLimits.keepaliveIdleMs };

const shuttingDown = status("Unavailable", "server is shutting down");

/**
 * Serves gRPC at an address.
 * @throws Error when two methods share a path, the TLS credentials are unusable, or the address can't be listened on.
 */
export async function listen(options: ListenOptions): Promise<GrpcServer> {
  const { clock, log, tls, observer = silentTransportObserver } = options;
  const methods = tableOf(options.methods);
  const places = { maxConnections: connectionPlaces(openFilesLimit()) };
  const limits: Limits = { ...defaultLimits, ...places, ...options.limits };
  const tlsServer = tls === undefined ? undefined : createTlsServer(tls, socketOptions, limits.handshakeMs);
  if (tlsServer !== undefined) renewTicketKeys(tlsServer, clock);
  const server: Server = tlsServer ?? createServer(socketOptions);
  const acceptor = new Acceptor(server, { methods, limits, clock, log, observer }, options.mayBeServed);
  const address = await bind(server, options.address);
  server.on("error", (error) => log.error("accepting connections failed", { error: error.message }));
  const closed = new Promise<void>((resolve) => server.once("close", resolve));

  async function shutdown(deadlineMs: number): Promise<void> {
    if (server.listening) server.close();
    acceptor.drain(shuttingDown);
    const cancel = clock.schedule(deadlineMs, () => acceptor.destroy());
    await closed;
    await acceptor.emptied();
    cancel();
  }

  return {
    address,
    get connections() {
      return acceptor.connections;
    },
    get streams() {
      return acceptor.streams;
    },
    setCredentials(credentials) {
      if (tls === undefined || tlsServer === undefined)
        return { ok: false, reason: "the server was started without TLS" };
      return replaceCredentials(tlsServer, { ...credentials, ...requirementsOf(tls) });
    },
    recheck: () => acceptor.recheck(),
    shutdown,
    [Symbol.asyncDispose]: () => shutdown(0),
  };
}

function requirementsOf({ requestCert }: TlsSettings): Pick<TlsSettings, "requestCert"> {
  return requestCert === undefined ? {} : { requestCert };
}

function tableOf(methods: readonly Method[]): MethodTable {
  const table = new Map<string, Method>();
  for (const method of methods) {
    if (table.has(method.path)) throw new Error(`method ${method.path} is offered twice`);
    table.set(method.path, method);
  }
  return table;
}
