import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "../../src/lib/manual-clock.ts";
import type { Resource } from "../../src/model/resource.ts";
import type { StoreEvent } from "../istiod/config-store.ts";
import { Istiod, type IstiodOptions } from "../istiod/istiod.ts";
import { MESH_CONFIG_URL } from "../istiod/kinds.ts";
import { type Release, releases } from "../istiod/releases.ts";
import { entry, oneOfEach, resource } from "../support/xds-content.ts";
import { settle } from "../support/xds-settle.ts";
import { XdsServer } from "../support/xds-server.ts";

// Every release of istiod against the real server.

let server: XdsServer;
let clock: ManualClock;
const started: (Disposable | AsyncDisposable)[] = [];

beforeEach(async () => {
  server = await XdsServer.start();
  clock = new ManualClock();
});

afterEach(async () => {
  for (const one of started.splice(0).reverse()) {
    if (Symbol.dispose in one) one[Symbol.dispose]();
    else await one[Symbol.asyncDispose]();
  }
  await server[Symbol.asyncDispose]();
});

function start(release: Release, options: Partial<IstiodOptions> = {}): Istiod {
  const istiod = new Istiod({ release, clock, address: server.address, random: () => 0.5, ...options });
  started.push(istiod);
  return istiod;
}

async function startServer(): Promise<XdsServer> {
  const other = await XdsServer.start();
  started.push(other);
  return other;
}

/** Names that istiod holds of a kind. */
function held(istiod: Istiod, kind: string): readonly string[] {
  return [...istiod.store.of(kind).keys()].sort();
}

/** What the events are about that the mesh hears of. */
function pushing(events: readonly StoreEvent[]): readonly string[] {
  return events.filter(({ pushes }) => pushes).map(({ type, kind, name }) => `${type} ${kind} ${name}`);
}

const withoutMarks = (events: readonly StoreEvent[]): readonly StoreEvent[] =>
  events.filter(({ kind }) => kind !== "Sidecar");

describe.each(releases)("istiod $name", (release) => {
  test("becomes ready when there is nothing at all", async () => {
    server.publish();
    const istiod = start(release);
    await istiod.synced();
    expect(istiod.ready).toBe(true);
    expect(istiod.hung).toBe(false);
    expect(istiod.store.events).toEqual([]);
    expect(istiod.store.drops).toEqual([]);
  });

  test("holds exactly what is published, from one answer a kind", async () => {
    const all = oneOfEach({ labels: { app: "x" }, annotations: { note: "y" } });
    server.publish(...all);
    const istiod = start(release);
    await istiod.synced();
    await settle(server, [istiod], ...all);
    expect(istiod.store.drops).toEqual([]);
    for (const { kind, message } of release.kinds) {
      if (kind === "Sidecar") continue; // the mark's
      const name = `mesh/${kind.toLowerCase()}`;
      const config = istiod.store.of(kind).get(name);
      const original = all.find((one) => one.name === name)!;
      expect(config).toMatchObject({
        namespace: "mesh",
        version: original.version,
        labels: { app: "x" },
        annotations: { note: "y" },
        createTime: new Date("2026-01-02T03:04:05Z"),
      });
      expect(config?.spec.$typeName).toBe(message);
      if (kind !== "TrafficExtension") expect(held(istiod, kind)).toEqual([name]);
    }
    const urls = istiod.arrivals.map(({ url }) => url).filter((url) => !url.endsWith("/Sidecar"));
    expect(urls.filter((url) => url !== MESH_CONFIG_URL).sort()).toEqual(
      release.kinds
        .map(({ url }) => url)
        .filter((url) => !url.endsWith("/Sidecar"))
        .sort(),
    );
  });

  test("follows what is added, changed and deleted, and nothing else happens", async () => {
    const kept = resource("VirtualService", "mesh/kept");
    server.publish(kept, entry("mesh/changed", "one"), entry("mesh/deleted", "x"), entry("mesh/kept", "k"));
    const istiod = start(release);
    await istiod.synced();
    istiod.store.events.length = 0;
    await settle(
      server,
      [istiod],
      kept,
      entry("mesh/changed", "two"),
      entry("mesh/added", "new"),
      entry("mesh/kept", "k"),
      resource("DestinationRule", "mesh/rule"),
    );
    expect([...pushing(withoutMarks(istiod.store.events))].sort()).toEqual([
      "add DestinationRule mesh/rule",
      "add ServiceEntry mesh/added",
      "delete ServiceEntry mesh/deleted",
      "update ServiceEntry mesh/changed",
    ]);
    expect(istiod.store.of("ServiceEntry").get("mesh/changed")?.spec).toMatchObject({ hosts: ["two"] });
    await settle(server, [istiod]);
    for (const { kind } of release.kinds) expect(held(istiod, kind)).toEqual(kind === "Sidecar" ? ["mark/mark"] : []);
  });

  test("is told nothing when nothing changed", async () => {
    const all = oneOfEach();
    server.publish(...all);
    const istiod = start(release);
    await istiod.synced();
    await settle(server, [istiod], ...all);
    istiod.arrivals.length = 0;
    server.publish(...oneOfEach());
    await settle(server, [istiod], ...oneOfEach());
    expect(new Set(istiod.arrivals.map(({ url }) => url.split("/").at(-1)))).toEqual(new Set(["Sidecar"]));
  });

  test("hears no event of a lost connection, a restart, or another replica", async () => {
    const all = oneOfEach({ labels: { app: "x" } });
    server.publish(...all);
    const istiod = start(release);
    await istiod.synced();
    await settle(server, [istiod], ...all);
    const events = istiod.store.events.length;
    const replica = await startServer();
    const sidecar = istiod.store.of("Sidecar").get("mark/mark")!;
    const mark = resource("Sidecar", "mark/mark", { labels: { mark: sidecar.labels["mark"]! } });
    replica.publish(...oneOfEach({ labels: { app: "x" } }), mark);
    for (const address of [server.address, replica.address]) {
      const arrived = istiod.arrivals.length;
      istiod.moveTo(address);
      const ended = istiod.ends.length;
      istiod.disconnect();
      await istiod.until(() => istiod.ends.length > ended);
      clock.advance(60_000);
      await istiod.until(
        () =>
          new Set(
            istiod.arrivals
              .slice(arrived)
              .map(({ url }) => url)
              .filter((url) => url !== MESH_CONFIG_URL),
          ).size === release.kinds.length,
      );
    }
    expect(pushing(istiod.store.events.slice(events))).toEqual([]);
    if (release.comparesVersions) expect(istiod.store.events).toHaveLength(events);
    expect(istiod.hung).toBe(false);
  });

  test("keeps what it has, and is answered by nobody, until the server knows everything", async () => {
    const all = oneOfEach();
    server.publish(...all);
    const istiod = start(release);
    await istiod.synced();
    const events = istiod.store.events.length;
    const fresh = await startServer();
    istiod.moveTo(fresh.address);
    istiod.disconnect();
    await istiod.until(() => istiod.ends.length > 0);
    const arrived = istiod.arrivals.length;
    clock.advance(60_000);
    await fresh.streams(1);
    const late = start(release, { address: fresh.address });
    await fresh.streams(2);
    await fresh.heard();
    expect(istiod.arrivals.slice(arrived)).toEqual([]);
    expect(late.arrivals).toEqual([]);
    fresh.publish(...all);
    await late.synced();
    await istiod.until(() => istiod.arrivals.length >= arrived + release.kinds.length);
    expect(pushing(istiod.store.events.slice(events))).toEqual([]);
    expect(late.store.events.every(({ type }) => type === "add")).toBe(true);
  });

  test("is not hurt by an answer about the mesh configuration", async () => {
    server.publishMeshConfig({ ingressClass: "galley" });
    server.publish(...oneOfEach());
    const istiod = start(release);
    await istiod.synced();
    server.publishMeshConfig({ ingressClass: "other" });
    await settle(server, [istiod], ...oneOfEach());
    expect(istiod.hung).toBe(false);
    const answers = istiod.arrivals.filter(({ url }) => url === MESH_CONFIG_URL);
    if (release.channel === "once a type") expect(answers).toEqual([]);
    else expect(answers.filter(({ resources }) => resources > 0)).toEqual([]);
    expect(answers.length).toBeLessThanOrEqual(1);
  });

  test("is sent what is of its revision or of none", async () => {
    const of = (name: string, rev?: string): Resource =>
      entry(`mesh/${name}`, name, rev === undefined ? {} : { labels: { "istio.io/rev": rev } });
    server.publish(of("blue", "blue"), of("green", "green"), of("none"), of("moves", "green"));
    const blue = start(release, { identity: { revision: "blue" } });
    const any = start(release, { identity: { revision: "" } });
    await blue.synced();
    await any.synced();
    expect(held(any, "ServiceEntry")).toEqual(["mesh/blue", "mesh/green", "mesh/moves", "mesh/none"]);
    const everything = ["mesh/blue", "mesh/green", "mesh/moves", "mesh/none"];
    expect(held(blue, "ServiceEntry")).toEqual(release.knowsRevisions ? ["mesh/blue", "mesh/none"] : everything);
    await settle(server, [blue, any], of("blue", "blue"), of("green", "green"), of("none"), of("moves", "blue"));
    expect(held(any, "ServiceEntry")).toEqual(everything);
    expect(held(blue, "ServiceEntry")).toEqual(
      release.knowsRevisions ? ["mesh/blue", "mesh/moves", "mesh/none"] : everything,
    );
    await settle(server, [blue, any], of("blue", "green"), of("green", "green"), of("none"), of("moves", "blue"));
    if (release.knowsRevisions) expect(held(blue, "ServiceEntry")).toEqual(["mesh/moves", "mesh/none"]);
    expect([...blue.store.drops, ...any.store.drops]).toEqual([]);
  });

  test("is sent what others refer to before those others, and loses it after them", async () => {
    const all = oneOfEach();
    server.publish();
    const istiod = start(release);
    await istiod.synced();
    await settle(server, [istiod]);
    istiod.arrivals.length = 0;
    server.publish(...all);
    const size = release.kinds.length;
    await istiod.until(() => istiod.arrivals.length >= size);
    const order = (): readonly string[] => istiod.arrivals.map(({ url }) => url.split("/").at(-1)!);
    const dependencies: readonly (readonly [before: string, after: string])[] = [
      ["ServiceEntry", "DestinationRule"],
      ["WorkloadEntry", "DestinationRule"],
      ["ServiceEntry", "VirtualService"],
      ["DestinationRule", "VirtualService"],
      ["Gateway", "VirtualService"],
      ["AuthorizationPolicy", "VirtualService"],
      ["PeerAuthentication", "VirtualService"],
      ["RequestAuthentication", "VirtualService"],
    ];
    for (const [before, after] of dependencies) {
      expect([before, after].sort((a, b) => order().indexOf(a) - order().indexOf(b))).toEqual([before, after]);
    }
    await settle(server, [istiod], ...all);
    istiod.arrivals.length = 0;
    server.publish();
    await istiod.until(() => istiod.arrivals.length >= size);
    for (const [before, after] of dependencies) {
      expect([before, after].sort((a, b) => order().indexOf(a) - order().indexOf(b))).toEqual([after, before]);
    }
  });

  test("that reads nothing for a while is sent the latest only, and few answers stay in its memory", async () => {
    server.publish(entry("mesh/a", "0"));
    const istiod = start(release);
    await istiod.synced();
    await settle(server, [istiod], entry("mesh/a", "0"));
    istiod.arrivals.length = 0;
    istiod.pause();
    for (let i = 1; i <= 50; i++) {
      server.publish(entry("mesh/a", `${i}`));
      await server.heard();
    }
    istiod.resume();
    await settle(server, [istiod], entry("mesh/a", "50"));
    expect(istiod.arrivals.filter(({ url }) => url.endsWith("/ServiceEntry")).length).toBeLessThanOrEqual(2);
    expect(istiod.store.of("ServiceEntry").get("mesh/a")?.spec).toMatchObject({ hosts: ["50"] });
  });
});

describe.each(releases.filter(({ knowsRevisions }) => knowsRevisions))("istiod $name of a revision", (release) => {
  test("is sent no message for a change of another revision", async () => {
    const green = (host: string): Resource => entry("mesh/green", host, { labels: { "istio.io/rev": "green" } });
    const shared = entry("mesh/shared", "shared");
    server.publish(shared, green("one"));
    const istiod = start(release, { identity: { revision: "blue" } });
    await istiod.synced();
    await settle(server, [istiod], shared, green("one"));
    istiod.arrivals.length = 0;
    await settle(server, [istiod], shared, green("two"));
    await settle(server, [istiod], shared);
    expect(istiod.arrivals.filter(({ url }) => !url.endsWith("/Sidecar"))).toEqual([]);
  });
});
