import { afterEach, expect, test } from "vitest";
import type { Resource } from "../../src/model/resource.ts";
import { Istiod } from "../istiod/istiod.ts";
import { releaseOf } from "../istiod/releases.ts";
import { ManualClock } from "../../src/lib/manual-clock.ts";
import { RawSink, versions } from "../support/raw-sink.ts";
import { DeltaClient, SotwClient, sotwVersions, unwrap } from "../support/xds-client.ts";
import { collectionOf, oneOfEach } from "../support/xds-content.ts";
import { XdsServer } from "../support/xds-server.ts";

// One content, one version: whichever protocol carries it, whichever server, before and after a restart.

const { kinds } = releaseOf("1.24–1.29");
const opened: Disposable[] = [];

afterEach(() => {
  for (const one of opened.splice(0)) one[Symbol.dispose]();
});

function open<T extends Disposable>(one: T): T {
  opened.push(one);
  return one;
}

type Versions = Readonly<Record<string, string>>;

/** Versions by name that a protocol says of a kind. */
type Protocol = (server: XdsServer, kind: { readonly kind: string; readonly url: string }) => Promise<Versions>;

const protocols: Readonly<Record<string, Protocol>> = {
  async MCP(server, { kind }) {
    const sink = open(new RawSink(server.address));
    sink.send({ collection: collectionOf(kind) });
    return versions(await sink.next());
  },
  async "the state of the world"(server, { url }) {
    const client = open(new SotwClient(server.address));
    client.subscribe(url);
    return sotwVersions(await client.next());
  },
  async deltas(server, { url }) {
    const client = open(new DeltaClient(server.address));
    client.subscribe(url);
    const { resources } = await client.next();
    return Object.fromEntries(resources.map(({ name, version }) => [name, version]));
  },
  async "deltas, in the wrapped resource"(server, { url }) {
    const client = open(new DeltaClient(server.address));
    client.subscribe(url);
    const { resources } = await client.next();
    return Object.fromEntries(resources.map(({ resource }) => [unwrap(resource).name, unwrap(resource).version]));
  },
};

const content = (): readonly Resource[] => oneOfEach({ labels: { app: "x" }, annotations: { note: "y" } });

test.each(Object.entries(protocols))("%s says the versions of the content", async (_, read) => {
  await using server = await XdsServer.start();
  await using other = await XdsServer.start();
  for (const one of [server, other]) one.publish(...content());
  for (const kind of kinds) {
    const original = content().find(({ name }) => name === `mesh/${kind.kind.toLowerCase()}`)!;
    const expected = { [original.name]: original.version };
    expect(await read(server, kind)).toEqual(expected);
    expect(await read(other, kind)).toEqual(expected);
  }
});

test("a collection has the same version in each protocol of xDS, on each server, and in each order of events", async () => {
  await using server = await XdsServer.start();
  await using other = await XdsServer.start();
  other.publish(...content().slice(3));
  other.publish(...content().toReversed());
  server.publish(...content());
  for (const { url } of kinds) {
    const answers: string[] = [];
    for (const one of [server, other]) {
      const sotw = open(new SotwClient(one.address));
      sotw.subscribe(url);
      answers.push((await sotw.next()).versionInfo);
    }
    expect(new Set(answers).size).toBe(1);
  }
});

test("istiod holds the versions of the content, and a sink of MCP the same ones", async () => {
  await using server = await XdsServer.start();
  server.publish(...content());
  const istiod = open(new Istiod({ release: releaseOf("1.30"), clock: new ManualClock(), address: server.address }));
  await istiod.synced();
  for (const kind of kinds) {
    const held = [...istiod.store.of(kind.kind)].map(([name, { version }]) => [name, version]);
    expect(Object.fromEntries(held)).toEqual(await protocols["MCP"]!(server, kind));
  }
});
