import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "../../src/lib/manual-clock.ts";
import type { Resource } from "../../src/model/resource.ts";
import { Istiod } from "../istiod/istiod.ts";
import { type Release, releaseOf, releases } from "../istiod/releases.ts";
import { entry, oneOfEach, resource } from "../support/xds-content.ts";
import { settle } from "../support/xds-settle.ts";
import { XdsServer } from "../support/xds-server.ts";

// What is new with the istiod of today, and all of them at once.

const current = releaseOf("1.30");

let server: XdsServer;
const started: Istiod[] = [];

beforeEach(async () => {
  server = await XdsServer.start();
});

afterEach(async () => {
  for (const istiod of started.splice(0)) istiod[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

/** @param revision empty: istiod was installed without one */
function start(release: Release, revision = ""): Istiod {
  const istiod = new Istiod({ release, clock: new ManualClock(), address: server.address, identity: { revision } });
  started.push(istiod);
  return istiod;
}

/** Names that istiod holds of a kind. */
function held(istiod: Istiod, kind: string): readonly string[] {
  return [...istiod.store.of(kind).keys()].sort();
}

describe("an istiod of today", () => {
  test("pins one answer a kind when it connects, however much is published meanwhile", async () => {
    server.publish(...oneOfEach());
    const istiod = start(current);
    for (let i = 0; i < 20; i++) server.publish(...oneOfEach({ annotations: { round: `${i}` } }));
    await istiod.synced();
    await settle(server, [istiod], ...oneOfEach());
    // One for the first state of a kind, one for the last, and the marks.
    expect(istiod.channel.pinned).toBeLessThanOrEqual(2 * current.kinds.length + 3);
    expect(istiod.channel.pinnedBytes).toBeLessThan(20_000);
  });

  test("is sent WasmPlugins as TrafficExtensions too, beside those that are", async () => {
    const plugin = resource("WasmPlugin", "mesh/same-name", { createdAt: "2025-05-05T05:05:05Z" });
    const genuine = resource("TrafficExtension", "mesh/same-name");
    server.publish(plugin, genuine);
    const istiod = start(current);
    await istiod.synced();
    expect(held(istiod, "WasmPlugin")).toEqual(["mesh/same-name"]);
    const extensions = [...istiod.store.of("TrafficExtension").values()];
    expect(extensions).toHaveLength(2);
    expect(extensions.find(({ name }) => name === "same-name")?.spec).toMatchObject({
      filterConfig: { case: "lua" },
    });
    const translated = extensions.find(({ name }) => name !== "same-name");
    expect(translated).toMatchObject({
      namespace: "mesh",
      createTime: new Date("2025-05-05T05:05:05Z"),
      spec: {
        phase: 1,
        filterConfig: {
          case: "wasm",
          value: { url: "oci://registry.example/plugin:1", pluginConfig: { a: 1 } },
        },
      },
    });
    await settle(server, [istiod], genuine);
    expect(held(istiod, "TrafficExtension")).toEqual(["mesh/same-name"]);
    expect(istiod.store.drops).toEqual([]);
  });

  test("is sent all that a WasmPlugin says in the TrafficExtension that it is made into", async () => {
    const body = {
      selector: { matchLabels: { app: "edge" } },
      targetRef: { group: "gateway.networking.k8s.io", kind: "Gateway", name: "edge" },
      url: "oci://registry.example/plugin:1",
      sha256: "0".repeat(64),
      imagePullPolicy: "Always",
      imagePullSecret: "secret",
      pluginConfig: { nested: { list: [1, "two", null] } },
      pluginName: "plugin",
      phase: "STATS",
      priority: 0,
      failStrategy: "FAIL_OPEN",
      vmConfig: {
        env: [
          { name: "A", value: "B" },
          { name: "C", valueFrom: "HOST" },
        ],
      },
      match: [{ mode: "SERVER", ports: [{ number: 80 }] }],
      type: "HTTP",
    };
    server.publish(resource("WasmPlugin", "mesh/plugin", { body }));
    const istiod = start(current);
    await istiod.synced();
    const [translated] = istiod.store.of("TrafficExtension").values();
    expect(translated?.spec).toMatchObject({
      selector: { matchLabels: { app: "edge" } },
      targetRefs: [{ kind: "Gateway", name: "edge" }],
      phase: 3,
      priority: 0,
      match: [{ mode: 2, ports: [{ number: 80 }] }],
      filterConfig: {
        case: "wasm",
        value: {
          url: "oci://registry.example/plugin:1",
          sha256: "0".repeat(64),
          imagePullPolicy: 2,
          imagePullSecret: "secret",
          pluginConfig: { nested: { list: [1, "two", null] } },
          pluginName: "plugin",
          failStrategy: 1,
          vmConfig: {
            env: [
              { name: "A", value: "B" },
              { name: "C", valueFrom: 1 },
            ],
          },
          type: 1,
        },
      },
    });
  });

  test("follows a WasmPlugin that changes, moves to another revision, and goes", async () => {
    const plugin = (url: string, rev?: string): Resource =>
      resource("WasmPlugin", "mesh/plugin", { body: { url }, ...(rev && { labels: { "istio.io/rev": rev } }) });
    server.publish(plugin("oci://one", "blue"));
    const blue = start(current, "blue");
    const green = start(current, "green");
    await blue.synced();
    await green.synced();
    const urls = (istiod: Istiod) => [...istiod.store.of("TrafficExtension").values()].map(({ spec }) => spec);
    expect(urls(blue)).toMatchObject([{ filterConfig: { value: { url: "oci://one" } } }]);
    expect(urls(green)).toEqual([]);
    await settle(server, [blue, green], plugin("oci://two", "blue"));
    expect(urls(blue)).toMatchObject([{ filterConfig: { value: { url: "oci://two" } } }]);
    await settle(server, [blue, green], plugin("oci://two", "green"));
    expect(urls(blue)).toEqual([]);
    expect(urls(green)).toMatchObject([{ filterConfig: { value: { url: "oci://two" } } }]);
    await settle(server, [blue, green]);
    expect(urls(green)).toEqual([]);
    expect([...blue.store.drops, ...green.store.drops]).toEqual([]);
  });

  test("is served beside those of every other release, and none is in the way of another", async () => {
    server.publish(...oneOfEach());
    const istiods = releases.map((release) => start(release));
    for (const istiod of istiods) await istiod.synced();
    await settle(server, istiods, entry("mesh/only", "x"));
    for (const istiod of istiods) {
      expect(held(istiod, "ServiceEntry")).toEqual(["mesh/only"]);
      expect(istiod.hung).toBe(false);
      expect(istiod.store.drops).toEqual([]);
      expect(istiod.ends).toEqual([]);
    }
  });
});
