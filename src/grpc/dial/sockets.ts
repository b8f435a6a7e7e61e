import { isIP, type Socket } from "node:net";
import * as grpc from "@grpc/grpc-js";
import type { Clock } from "../../lib/clock.ts";

type ConnectorArguments = Parameters<grpc.ChannelCredentials["_createSecureConnector"]>;
type SecureConnector = ReturnType<grpc.ChannelCredentials["_createSecureConnector"]>;

/**
 * Credentials that remember the sockets which a channel opens with them. grpc-js closes a channel politely and forgets
 * about it: a peer that never answers the handshake, or never says goodbye, keeps the socket open for good. Here they are
 * closed for certain.
 */
export class TrackedSockets extends grpc.ChannelCredentials {
  readonly #inner: grpc.ChannelCredentials;
  readonly #open = new Set<Socket>();
  #closing = false;
  #emptied: (() => void) | undefined;

  constructor(inner: grpc.ChannelCredentials) {
    super();
    this.#inner = inner;
  }

  override _isSecure(): boolean {
    return this.#inner._isSecure();
  }

  override _equals(other: grpc.ChannelCredentials): boolean {
    return other === this;
  }

  override _createSecureConnector(...args: ConnectorArguments): SecureConnector {
    const inner = withoutAddressAsName(this.#inner._createSecureConnector(...args));
    return {
      waitForReady: () => inner.waitForReady(),
      getCallCredentials: () => inner.getCallCredentials(),
      destroy: () => inner.destroy(),
      connect: (socket) => {
        this.#add(socket);
        return inner.connect(socket);
      },
    };
  }

  /** Resolves when every socket is closed: by the goodbyes under way, or by force after `lingerMs`. */
  async close(clock: Clock, lingerMs: number): Promise<void> {
    this.#closing = true;
    if (this.#open.size === 0) return;
    const cancel = clock.schedule(lingerMs, () => {
      for (const socket of this.#open) socket.destroy();
    });
    await new Promise<void>((resolve) => {
      this.#emptied = resolve;
    });
    cancel();
  }

  #add(socket: Socket): void {
    // A connection that comes about after its channel was closed has nobody left to close it.
    if (this.#closing) socket.destroy();
    this.#open.add(socket);
    socket.once("close", () => {
      this.#open.delete(socket);
      if (this.#open.size === 0) this.#emptied?.();
    });
  }
}

/**
 * TLS sends the name of the server that is meant, and an address is none (RFC 6066): some servers break off at one, and Node
 * warns of it on standard error. grpc-js sends it all the same. The certificate is checked against the address without it.
 */
function withoutAddressAsName(connector: SecureConnector): SecureConnector {
  const { connectionOptions: options } = connector as { connectionOptions?: { servername?: string } };
  if (options?.servername !== undefined && isIP(options.servername) !== 0) options.servername = "";
  return connector;
}
