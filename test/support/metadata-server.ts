import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the metadata server says when it is asked for a token. */
export interface TokenAnswer {
  readonly status?: number;
  readonly token?: string;
  /** How long the token is good for, seconds. */
  readonly expiresIn?: number;
}

/** Google's metadata server as far as access tokens need it, on the loopback interface: the test decides what it hands out. */
export class MetadataServer implements AsyncDisposable {
  /** Scopes that tokens were asked for with, in order. */
  readonly asked: string[] = [];
  /** Called for each token. */
  answer: () => TokenAnswer = () => ({ token: `token-${this.asked.length}`, expiresIn: 1 });
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => this.#serve(request, response));
  }

  static async start(): Promise<MetadataServer> {
    const server = new MetadataServer();
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  /** What has a process look for its credentials here and nowhere else. */
  environment(home: string): Record<string, string> {
    const { port } = this.#server.address() as AddressInfo;
    return { ...noGoogle(home), GCE_METADATA_HOST: `127.0.0.1:${port}`, METADATA_SERVER_DETECTION: "ping-only" };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve({ url = "", headers }: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(url, "http://metadata");
    const path = pathname.replace("/computeMetadata/v1/", "");
    const say = (status: number, type: string, body: string): void =>
      void response.writeHead(status, { "metadata-flavor": "Google", "content-type": type }).end(body);
    if (headers["metadata-flavor"] !== "Google") return say(403, "text/plain", "not for browsers");
    if (path === "instance" || path === "instance/") return say(200, "text/plain", "id");
    if (path === "project/project-id") return say(200, "text/plain", "test");
    if (path !== "instance/service-accounts/default/token") return say(404, "text/plain", "no such thing");
    this.asked.push(searchParams.get("scopes") ?? "");
    const { status = 200, token, expiresIn = 3600 } = this.answer();
    say(
      status,
      "application/json",
      JSON.stringify({ access_token: token, expires_in: expiresIn, token_type: "Bearer" }),
    );
  }
}

/** An environment in which no Google credentials are to be found. */
export function noGoogle(home: string): Record<string, string> {
  return {
    HOME: home,
    APPDATA: home,
    CLOUDSDK_CONFIG: home,
    GOOGLE_APPLICATION_CREDENTIALS: "",
    METADATA_SERVER_DETECTION: "none",
    NO_PROXY: "127.0.0.1",
    no_proxy: "127.0.0.1",
  };
}
