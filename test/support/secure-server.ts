import * as grpc from "@grpc/grpc-js";
import type { GateLimits } from "../../src/grpc/access/gate.ts";
import { Guard } from "../../src/grpc/access/guard.ts";
import { openAccessList, type AccessListKeeper } from "../../src/grpc/access/keeper.ts";
import { judgePeer } from "../../src/grpc/access/list.ts";
import { openCredentials, type CredentialKeeper } from "../../src/grpc/credentials/keeper.ts";
import { DatedClock } from "../../src/grpc/credentials/testing/clock.ts";
import { TestFolder } from "../../src/grpc/credentials/testing/folder.ts";
import type { GrpcServer } from "../../src/grpc/server.ts";
import { issue, type Certificate } from "../../src/grpc/testing/certificates.ts";
import { RecordingLogger } from "../../src/grpc/testing/recording.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { openListener } from "../../src/server/listener.ts";
import { RawSink } from "./raw-sink.ts";
import { TestServer } from "./test-server.ts";

/** Who vouches for everybody, unless a test says otherwise. */
export const authority: Certificate = issue({ name: "authority", authority: true });

/** The certificate of a server of this machine. */
export function serverCertificate(name: string, issuer: Certificate = authority): Certificate {
  return issue({ name, issuer, dns: ["localhost"] });
}

/** What stands in the files of a server. */
export function credentialFiles(own: Certificate, ca: Certificate = authority): Record<string, string> {
  return { "cert-chain.pem": own.cert, "key.pem": own.key, "root-cert.pem": ca.cert };
}

/** How a sink shows a certificate, and whom it trusts itself. */
export function sinkCredentials(
  own: Pick<Certificate, "cert" | "key"> | undefined,
  ca: Certificate = authority,
): grpc.ChannelCredentials {
  const pem = (text: string | undefined): Buffer | null => (text === undefined ? null : Buffer.from(text));
  return grpc.credentials.createSsl(pem(ca.cert), pem(own?.key), pem(own?.cert));
}

export interface SecureServerOptions {
  /** Text of the access list; without it there is no such file. */
  readonly access?: string;
  readonly gate?: GateLimits;
}

/** The serving path behind TLS and the guard, and its files in a folder, which are looked at when a test says so. */
export interface SecureServer extends AsyncDisposable {
  /** Publishes, and counts the sinks. */
  readonly source: TestServer;
  readonly folder: TestFolder;
  readonly log: RecordingLogger;
  readonly credentials: CredentialKeeper;
  readonly access: AccessListKeeper;
  readonly guard: Guard;
  /** `host:port` of the TLS server. */
  readonly address: string;
  /** `host:port` of the same method, behind the same guard, in plaintext. */
  readonly plainAddress: string;
  /** A sink that shows this certificate, or none. */
  sink(own: Pick<Certificate, "cert" | "key"> | undefined, ca?: Certificate): RawSink;
}

/** Starts a server that has a certificate of `authority`. */
export async function startSecureServer(options: SecureServerOptions = {}): Promise<SecureServer> {
  const folder = await TestFolder.make();
  const log = new RecordingLogger();
  const clock = new DatedClock();
  await folder.mount(credentialFiles(serverCertificate("galley")));
  if (options.access !== undefined) await folder.write("list.yaml", options.access);
  const files = { cert: folder.at("cert-chain.pem"), key: folder.at("key.pem"), ca: folder.at("root-cert.pem") };
  const credentials = keeperOf(await openCredentials({ files, clock, log }));
  const access = keeperOf(await openAccessList({ file: folder.at("list.yaml"), expected: false, clock, log }));
  const guard = new Guard({
    judge: (peer) => judgePeer(access.list, peer),
    clock: systemClock,
    log,
    refusalLog: { burst: 1_000, everyMs: 1 },
    ...(options.gate === undefined ? {} : { gate: options.gate }),
  });
  const source = await TestServer.start();
  const address = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
  const shared = { protocols: "all", address, guard, log } as const;
  const secure = await openListener(source.path, { ...shared, tls: credentials.tls });
  const plain = await openListener(source.path, shared);
  credentials.follow((replaced) => secure.setCredentials(replaced));
  access.onChange(() => {
    guard.recheck();
    secure.recheck();
  });
  const sinks: RawSink[] = [];
  return {
    source,
    folder,
    log,
    credentials,
    access,
    guard,
    address: addressOf(secure),
    plainAddress: addressOf(plain),
    sink(own, ca) {
      const sink = new RawSink(addressOf(secure), sinkCredentials(own, ca));
      sinks.push(sink);
      return sink;
    },
    async [Symbol.asyncDispose]() {
      for (const sink of sinks) sink[Symbol.dispose]();
      for (const one of [secure, plain]) await one.shutdown(500);
      for (const one of [source, credentials, access, folder]) await one[Symbol.asyncDispose]();
    },
  };
}

function keeperOf<T>(opened: { readonly ok: true; readonly keeper: T } | { readonly ok: false }): T {
  if (!opened.ok) throw new Error(JSON.stringify(opened));
  return opened.keeper;
}

function addressOf({ address }: GrpcServer): string {
  if (address.kind !== "tcp") throw new Error("not a TCP server");
  return `localhost:${address.port}`;
}
