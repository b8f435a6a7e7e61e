import * as grpc from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { issue } from "../../src/grpc/testing/certificates.ts";
import type { Change } from "../../src/model/received/change.ts";
import { type SinkServer, serveSink, type SinkServerOptions } from "../../src/mcp/sink/server.ts";
import type { SinkServiceEvent } from "../../src/mcp/sink/service.ts";
import { ENTRIES, gateway, GATEWAYS, push, SERVICES } from "./peers/messages.ts";
import { RawSource } from "./peers/raw-source.ts";
import { Arrivals, until } from "./peers/waiting.ts";

// Our sink listens and a source made of @grpc/grpc-js calls it. Numbers are those of docs/conformance.md.

interface Served extends AsyncDisposable {
  readonly server: SinkServer;
  readonly applied: Change[];
  readonly events: Arrivals<SinkServiceEvent>;
}

async function serve(options: Partial<SinkServerOptions> = {}): Promise<Served> {
  const applied: Change[] = [];
  const events = new Arrivals<SinkServiceEvent>();
  const server = await serveSink({
    address: "127.0.0.1:0",
    collections: [GATEWAYS],
    onEvent: (event) => events.add(event),
    ...options,
    apply(change, signal) {
      applied.push(change);
      return options.apply?.(change, signal);
    },
  });
  return { server, applied, events, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const trigger = push({ collection: "$triggerCollection" });
const whole = (nonce: string, ...names: string[]): Uint8Array =>
  push({ collection: GATEWAYS, nonce, resources: names.map((name) => gateway(name, "1")) });

test("39: a sink that is called asks for each of its collections at once, before the source has said anything", async () => {
  await using sink = await serve({ collections: [GATEWAYS, SERVICES, ENTRIES], node: { id: "called" } });
  using source = new RawSource(sink.server.address);
  const requests = [await source.requests.next(), await source.requests.next(), await source.requests.next()];
  expect(requests.map((request) => request.collection)).toEqual([GATEWAYS, SERVICES, ENTRIES]);
  for (const request of requests) expect(request).toMatchObject({ responseNonce: "", sinkNode: { id: "called" } });
});

test("49: a sink that is called with the trigger first asks for its collections, then refuses the trigger with code 12", async () => {
  await using sink = await serve();
  using source = new RawSource(sink.server.address);
  source.send(trigger);
  expect(await source.requests.next()).toMatchObject({ collection: GATEWAYS, responseNonce: "" });
  const nack = await source.requests.next();
  expect(nack).toMatchObject({ collection: "$triggerCollection", responseNonce: "", errorDetail: { code: 12 } });
  source.send(whole("1", "a"));
  expect(await source.requests.next()).toMatchObject({ collection: GATEWAYS, responseNonce: "1" });
  expect(sink.applied).toHaveLength(1);
});

test("40-43: what comes is applied or refused as by a sink that dials", async () => {
  const apply = (change: Change): void => {
    if (change.resources.some((resource) => resource.name === "bad")) throw new Error("bad one");
  };
  await using sink = await serve({ apply, incremental: true });
  using source = new RawSource(sink.server.address);
  await source.requests.next();
  source.send(whole("1", "a"));
  source.send(whole("2", "bad"));
  source.send(push({ collection: SERVICES, nonce: "3" }));
  source.send(push({ collection: GATEWAYS, nonce: "4", resources: [{ metadata: { name: "x" } }] }));
  source.send(push({ collection: GATEWAYS, nonce: "5", incremental: true, removedResources: ["a"] }));
  const codes: (number | undefined)[] = [];
  for (let n = 1; n <= 5; n++) {
    const answer = await source.requests.next();
    expect(answer.responseNonce).toBe(`${n}`);
    codes.push(answer.errorDetail?.code);
  }
  expect(codes).toEqual([undefined, 3, 12, 2, undefined]);
  expect(sink.applied.map(({ incremental, removed }) => ({ incremental, removed }))).toEqual([
    { incremental: false, removed: [] },
    { incremental: false, removed: [] },
    { incremental: true, removed: ["a"] },
  ]);
});

test("a source that half-closes gets its last answers, then OK", async () => {
  const finish: (() => void)[] = [];
  await using sink = await serve({ apply: () => new Promise<void>((resolve) => finish.push(resolve)) });
  using source = new RawSource(sink.server.address);
  await source.requests.next();
  source.send(whole("1", "a"));
  source.halfClose();
  await until(() => finish.length === 1);
  finish[0]!();
  expect(await source.requests.next()).toMatchObject({ responseNonce: "1" });
  expect((await source.status).code).toBe(grpc.status.OK);
});

test("a source that sends what is not MCP loses its stream", async () => {
  await using sink = await serve();
  using source = new RawSource(sink.server.address);
  source.send(Uint8Array.of(0xff, 0xff));
  expect(await source.status).toMatchObject({ code: grpc.status.INTERNAL });
  expect(sink.applied).toEqual([]);
});

test("a second source is turned away while there is one, and takes over with what is held when that has left", async () => {
  await using sink = await serve({ incremental: true });
  const first = new RawSource(sink.server.address);
  await first.requests.next();
  first.send(whole("1", "a"));
  await first.requests.next();
  using second = new RawSource(sink.server.address);
  expect(await second.status).toMatchObject({ code: grpc.status.UNAVAILABLE });
  expect(second.requests.unread).toBe(0);
  first[Symbol.dispose]();
  await until(() => sink.server.service.source === undefined);
  using third = new RawSource(sink.server.address);
  expect(await third.requests.next()).toMatchObject({ initialResourceVersions: { a: "1" } });
  const kinds: string[] = [];
  while (sink.events.unread > 0) kinds.push((await sink.events.next()).kind);
  expect(kinds).toEqual(["connected", "acked", "refused", "disconnected", "connected"]);
});

test("a source is turned away until a change of the one before it is applied", async () => {
  let finish: () => void = () => undefined;
  let gone: AbortSignal | undefined;
  const apply = (_change: Change, signal: AbortSignal): Promise<void> => {
    gone = signal;
    return new Promise((resolve) => (finish = resolve));
  };
  await using sink = await serve({ incremental: true, apply });
  const first = new RawSource(sink.server.address);
  first.send(whole("1", "a"));
  await until(() => gone !== undefined);
  first[Symbol.dispose]();
  await until(() => gone!.aborted);
  using second = new RawSource(sink.server.address);
  expect(await second.status).toMatchObject({ code: grpc.status.UNAVAILABLE });
  finish();
  await until(() => sink.server.service.source === undefined);
  using third = new RawSource(sink.server.address);
  expect(await third.requests.next()).toMatchObject({ initialResourceVersions: { a: "1" } });
});

test("a source that may not feed the sink gets UNAUTHENTICATED, and nothing else", async () => {
  const authorize: SinkServerOptions["authorize"] = (_peer, metadata) =>
    metadata.some(([key]) => key === "authorization");
  await using sink = await serve({ authorize });
  using source = new RawSource(sink.server.address);
  expect(await source.status).toMatchObject({
    code: grpc.status.UNAUTHENTICATED,
    details: expect.stringMatching(/^Authentication failure: /),
  });
  expect(source.requests.unread).toBe(0);
});

test("with mutual TLS only sources with a certificate get in, and are told apart by its URI", async () => {
  const ca = issue({ name: "ca", authority: true });
  const own = issue({ name: "sink", issuer: ca, dns: ["localhost"], ips: [[127, 0, 0, 1]] });
  const uri = "spiffe://cluster.local/ns/istio-system/sa/istio-galley-service-account";
  const galley = issue({ name: "galley", issuer: ca, uris: [uri] });
  const other = issue({ name: "other", issuer: ca, uris: ["spiffe://cluster.local/ns/default/sa/default"] });
  await using sink = await serve({
    tls: { cert: own.cert, key: own.key, ca: ca.cert, requestCert: true },
    authorize: (peer) => peer.tls?.uris.includes(uri) === true,
  });
  const local = sink.server.address.replace("127.0.0.1", "localhost");
  const credentials = (certificate?: typeof galley): grpc.ChannelCredentials =>
    grpc.credentials.createSsl(
      Buffer.from(ca.cert),
      certificate === undefined ? null : Buffer.from(certificate.key),
      certificate === undefined ? null : Buffer.from(certificate.cert),
    );
  using stranger = new RawSource(local, credentials(other));
  expect(await stranger.status).toMatchObject({ code: grpc.status.UNAUTHENTICATED });
  using nobody = new RawSource(local, credentials());
  expect(await nobody.status).toMatchObject({ code: grpc.status.UNAVAILABLE });
  using welcome = new RawSource(local, credentials(galley));
  expect(await welcome.requests.next()).toMatchObject({ collection: GATEWAYS });
});

test("stopping ends the source's stream with UNAVAILABLE, whatever the application does", async () => {
  const sink = await serve({ apply: () => new Promise<void>(() => undefined) });
  using source = new RawSource(sink.server.address);
  source.send(whole("1", "a"));
  await until(() => sink.applied.length === 1);
  await sink[Symbol.asyncDispose]();
  expect(await source.status).toMatchObject({ code: grpc.status.UNAVAILABLE });
});

test("a listener that throws ends the stream that it happened on, and the next source gets in", async () => {
  let throws = true;
  const onEvent = (event: SinkServiceEvent): void => {
    if (throws && event.kind === "acked") throw new Error("no listener");
  };
  await using sink = await serve({ onEvent });
  using source = new RawSource(sink.server.address);
  source.send(whole("1", "a"));
  expect(await source.status).toMatchObject({ code: grpc.status.INTERNAL });
  throws = false;
  await until(() => sink.server.service.source === undefined);
  using next = new RawSource(sink.server.address);
  expect(await next.requests.next()).toMatchObject({ collection: GATEWAYS });
});

test("addresses and options that can't be used are told at once", async () => {
  await expect(serve({ address: "nowhere" })).rejects.toThrow(/host:port/);
  await expect(serve({ collections: [] })).rejects.toThrow("at least one collection");
  await using sink = await serve();
  await expect(serve({ address: sink.server.address })).rejects.toThrow(sink.server.address);
});

test("a sink whose TLS settings can't be used does not listen, and says which and what to do", async () => {
  const { cert, key } = issue({ name: "sink" });
  const options = { address: "127.0.0.1:0", collections: [GATEWAYS], apply: () => undefined };
  await expect(serveSink({ ...options, tls: { cert: "/etc/certs/cert-chain.pem", key } })).rejects.toThrow(
    "`cert` can't be used: it is no PEM; give what stands in the file, not the path of it",
  );
  await expect(serveSink({ ...options, tls: { cert, key, ca: [] } })).rejects.toThrow("`ca` can't be used");
});
