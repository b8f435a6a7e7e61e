import { create, toBinary } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Observed } from "../../grpc/testing/events.ts";
import { GalleyError } from "../../lib/errors.ts";
import { MetadataSchema } from "../../wire/gen/current/mcp/v1alpha1/metadata_pb.ts";
import { ResourceSchema } from "../../wire/gen/current/mcp/v1alpha1/resource_pb.ts";
import type { WatchEvent } from "./notes.ts";
import type { Arrived } from "./printer.ts";
import type { WatchEnd } from "./session.ts";
import { ScriptedAds } from "./testing/scripted-ads.ts";
import { watchXds, type XdsPlan } from "./xds-session.ts";

const GATEWAYS = "networking.istio.io/v1/Gateway";
const SIDECARS = "networking.istio.io/v1/Sidecar";
const MESH_CONFIG = "core/v1alpha1/MeshConfig";

const plan: XdsPlan = {
  node: { id: "galley-watch~a", metadata: {} },
  typeUrls: [GATEWAYS],
  mode: "state",
  dialect: "standard",
  // Nobody waits for a test.
  backoff: { minMs: 1, maxMs: 1, factor: 1, jitter: 0 },
};

function wrapped(name: string, version: string, message = "Gateway"): { typeUrl: string; value: Uint8Array } {
  const body = { typeUrl: `type.googleapis.com/istio.networking.v1alpha3.${message}`, value: new Uint8Array() };
  const resource = create(ResourceSchema, { metadata: create(MetadataSchema, { name, version }), body });
  return { typeUrl: "type.googleapis.com/istio.mcp.v1alpha1.Resource", value: toBinary(ResourceSchema, resource) };
}

/** A watch whose events a test waits for. */
class Watched extends Observed implements AsyncDisposable {
  readonly arrivals: Arrived[] = [];
  readonly events: WatchEvent[] = [];
  completed = false;
  readonly #stop = new AbortController();
  readonly #end: Promise<WatchEnd>;

  constructor(address: string, changes: Partial<XdsPlan> = {}, tls?: () => Promise<never>) {
    super();
    this.#end = watchXds(
      { ...plan, ...changes },
      {
        address,
        tls,
        signal: this.#stop.signal,
        wall: () => 0,
        arrived: (what) => {
          this.arrivals.push(what);
          this.changed();
        },
        complete: () => (this.completed = true),
        note: (event) => {
          this.events.push(event);
          this.changed();
        },
      },
    );
  }

  /** `kind name@version` of what became of a subject, in the order in which it did. */
  get effects(): readonly string[] {
    return this.arrivals.flatMap(({ effects }) =>
      effects.map(({ kind, name, resource }) => `${kind} ${name}@${resource.version}`),
    );
  }

  async stop(): Promise<WatchEnd> {
    this.#stop.abort();
    return await this.#end;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

let server: ScriptedAds;
beforeEach(async () => {
  server = await ScriptedAds.start();
});
afterEach(() => {
  server[Symbol.dispose]();
});

describe("over the state of the world", () => {
  test("what comes is shown and acknowledged, and what is missing from the next response is deleted", async () => {
    await using watched = new Watched(server.address);
    await server.until(() => server.requests.length === 1);
    server.sendState({
      typeUrl: GATEWAYS,
      versionInfo: "v1",
      nonce: "n1",
      resources: [wrapped("a/b", "1"), wrapped("a/c", "1")],
    });
    server.sendState({ typeUrl: GATEWAYS, versionInfo: "v2", nonce: "n2", resources: [wrapped("a/b", "2")] });
    await server.until(() => server.requests.length === 3);
    expect(server.requests.slice(1)).toMatchObject([
      { typeUrl: GATEWAYS, versionInfo: "v1", responseNonce: "n1", resourceNames: [] },
      { typeUrl: GATEWAYS, versionInfo: "v2", responseNonce: "n2", resourceNames: [] },
    ]);
    expect(server.requests[1]!.errorDetail).toBeUndefined();
    expect(watched.effects).toEqual(["added a/b@1", "added a/c@1", "updated a/b@2", "deleted a/c@1"]);
    expect(watched.arrivals.map(({ subject, version, first }) => [subject, version, first])).toEqual([
      [GATEWAYS, "v1", true],
      [GATEWAYS, "v2", false],
    ]);
  });

  test("what does not decode is refused with a code and a text, shown, and does no harm to what is held", async () => {
    await using watched = new Watched(server.address);
    await server.until(() => server.requests.length === 1);
    server.sendState({ typeUrl: GATEWAYS, versionInfo: "v1", nonce: "n1", resources: [wrapped("a/b", "1")] });
    server.sendState({
      typeUrl: GATEWAYS,
      versionInfo: "v2",
      nonce: "n2",
      resources: [wrapped("a/c", "1", "Sidecar")],
    });
    await server.until(() => server.requests.length === 3);
    const message = "a/c: its body is istio.networking.v1alpha3.Sidecar, not istio.networking.v1alpha3.Gateway";
    expect(server.requests[2]).toMatchObject({
      versionInfo: "v1",
      responseNonce: "n2",
      errorDetail: { code: 3, message },
    });
    expect(watched.events).toContainEqual({ kind: "nacked", subject: GATEWAYS, message });
    expect(watched.effects).toEqual(["added a/b@1"]);
  });

  test("it is complete when every type was answered, even with nothing, and tells what was not", async () => {
    const watched = new Watched(server.address, { typeUrls: [GATEWAYS, SIDECARS] });
    await server.until(() => server.requests.length === 2);
    server.sendState({ typeUrl: SIDECARS, nonce: "n1" });
    await watched.until(() => watched.arrivals.length === 1);
    expect(watched.completed).toBe(false);
    expect(await watched.stop()).toEqual({ kind: "stopped", missing: [GATEWAYS] });
  });

  test("as istiod it asks for the mesh config and waits for no answer to it", async () => {
    await using watched = new Watched(server.address, { typeUrls: [MESH_CONFIG, GATEWAYS], dialect: "istiod" });
    await server.until(() => server.requests.length === 2);
    expect(server.requests.map(({ typeUrl, responseNonce }) => [typeUrl, responseNonce])).toEqual([
      [MESH_CONFIG, "invented-1"],
      [GATEWAYS, "invented-2"],
    ]);
    server.sendState({ typeUrl: GATEWAYS, nonce: "n1" });
    await watched.until(() => watched.arrivals.length === 1);
    expect(watched.completed).toBe(true);
  });
});

describe("over deltas", () => {
  test("a reconnect says what is held, and what is resumed is neither news nor lost", async () => {
    await using watched = new Watched(server.address, { mode: "delta" });
    await server.until(() => server.deltaRequests.length === 1);
    const members = ["a/b", "a/c"].map((name) => ({ name, version: "1", resource: wrapped(name, "1") }));
    server.sendDelta({ typeUrl: GATEWAYS, nonce: "n1", resources: members });
    await server.until(() => server.deltaRequests.length === 2);
    server.end(status.UNAVAILABLE, "going away");
    await server.until(() => server.deltaRequests.length === 3);
    expect(server.deltaRequests[2]).toMatchObject({
      node: { id: "galley-watch~a" },
      initialResourceVersions: { "a/b": "1", "a/c": "1" },
      responseNonce: "",
    });
    server.sendDelta({ typeUrl: GATEWAYS, nonce: "n1", removedResources: ["a/c"] });
    await server.until(() => server.deltaRequests.length === 4);
    expect(watched.effects).toEqual(["added a/b@1", "added a/c@1", "deleted a/c@1"]);
  });
});

describe("in trouble", () => {
  test("a type that was not asked for is told of and not answered", async () => {
    await using watched = new Watched(server.address);
    await server.until(() => server.requests.length === 1);
    server.sendState({ typeUrl: SIDECARS, nonce: "n1" });
    server.sendState({ typeUrl: GATEWAYS, nonce: "n2" });
    await server.until(() => server.requests.length === 2);
    expect(server.requests[1]).toMatchObject({ typeUrl: GATEWAYS, responseNonce: "n2" });
    expect(watched.events).toContainEqual({ kind: "unasked", subject: SIDECARS });
  });

  test("what is no response ends the stream, and another one is opened", async () => {
    await using watched = new Watched(server.address);
    await server.until(() => server.requests.length === 1);
    server.sendBytes(Uint8Array.of(255));
    await server.until(() => server.streams === 2);
    expect(watched.events).toContainEqual(
      expect.objectContaining({ kind: "disconnected", message: "the server sent a message that is not of xDS" }),
    );
  });

  test("how a stream ended is told, with its code", async () => {
    await using watched = new Watched(server.address);
    await server.until(() => server.requests.length === 1);
    server.end(status.INVALID_ARGUMENT, "no such node");
    await watched.until(() => watched.events.some(({ kind }) => kind === "disconnected"));
    expect(watched.events.at(-1)).toMatchObject({ code: status.INVALID_ARGUMENT, message: "no such node" });
  });

  test("credentials that can't be read now are tried again", async () => {
    let tries = 0;
    await using watched = new Watched(server.address, {}, () => {
      tries++;
      return Promise.reject(new GalleyError("GLY_NO_TLS", "the key is gone"));
    });
    await watched.until(() => watched.events.length === 2);
    expect(tries).toBeGreaterThanOrEqual(2);
    expect(watched.events[0]).toMatchObject({ kind: "disconnected", message: "no TLS credentials: the key is gone" });
  });
});
