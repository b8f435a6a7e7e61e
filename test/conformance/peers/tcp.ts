import { connect, createServer, type Server, type Socket } from "node:net";

/** A TCP listener on loopback that keeps count of what it takes. */
export class TcpServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #accepted = 0;
  #left = 0;

  private constructor(serve: (socket: Socket) => void) {
    // Half of a connection may stay open: whoever says goodbye is never answered.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#accepted++;
      this.#open.add(socket);
      socket.on("error", () => undefined);
      socket.on("end", () => this.#left++);
      socket.on("close", () => this.#open.delete(socket));
      serve(socket);
    });
  }

  static async start(serve: (socket: Socket) => void): Promise<TcpServer> {
    const server = new TcpServer(serve);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  get accepted(): number {
    return this.#accepted;
  }

  get open(): number {
    return this.#open.size;
  }

  /** Connections whose other end has said goodbye; noticed where they are read. */
  get left(): number {
    return this.#left;
  }

  /** Resolves when the other ends of all connections are closed for good: then what is written comes back as a reset. */
  async broken(): Promise<void> {
    while (this.#open.size > 0) {
      for (const socket of this.#open) if (!socket.destroyed) socket.write("x");
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** A server that takes connections, reads what comes, and never says a word. */
export function silent(): Promise<TcpServer> {
  return TcpServer.start((socket) => socket.resume());
}

/** A proxy in front of a port that can stop passing anything on, as a network does that lost a connection's state. */
export class FreezingProxy implements AsyncDisposable {
  readonly tcp: TcpServer;
  readonly #pairs: Socket[];

  private constructor(tcp: TcpServer, pairs: Socket[]) {
    this.tcp = tcp;
    this.#pairs = pairs;
  }

  static async start(port: number): Promise<FreezingProxy> {
    const pairs: Socket[] = [];
    const tcp = await TcpServer.start((socket) => {
      const behind = connect(port, "127.0.0.1");
      behind.on("error", () => socket.destroy());
      socket.on("close", () => behind.destroy());
      behind.on("close", () => socket.destroy());
      socket.pipe(behind).pipe(socket);
      pairs.push(socket, behind);
    });
    return new FreezingProxy(tcp, pairs);
  }

  /** Nothing is passed on any more over the connections there are; new ones work. */
  freeze(): void {
    for (const socket of this.#pairs.splice(0)) {
      socket.unpipe();
      socket.pause();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#pairs) socket.destroy();
    await this.tcp[Symbol.asyncDispose]();
  }
}
