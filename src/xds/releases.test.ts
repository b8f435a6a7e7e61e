import { describe, expect, test } from "vitest";
import { istioCollections } from "../model/registry.ts";
import { guessRelease } from "./releases-guess.ts";
import { MESH_CONFIG_URL } from "./releases-kinds.ts";
import { type Release, releaseOf, releases } from "./releases.ts";

const namesFrom = (minor: number): string => releaseOf(minor).name;

describe("the table of releases", () => {
  test("has every minor release in exactly one row, in order", () => {
    const bounds = releases.map(({ from, to }) => [from, to]);
    expect(bounds[0]?.[0]).toBe(0);
    for (const [i, [, to]] of bounds.slice(0, -1).entries()) expect(bounds[i + 1]?.[0]).toBe(to! + 1);
    expect(bounds.at(-1)?.[1]).toBeUndefined();
    for (const minor of [0, 3, 6, 7, 8, 9, 10, 11, 12, 13, 14, 20, 23, 24, 25, 26, 29, 30, 31, 99]) {
      const { from, to } = releaseOf(minor);
      expect(minor >= from && (to === undefined || minor <= to)).toBe(true);
    }
  });

  test.each([
    [6, "1.6 and earlier", 0],
    [7, "1.7", 14],
    [8, "1.8", 11],
    [9, "1.9", 11],
    [11, "1.10 to 1.11", 12],
    [12, "1.12", 13],
    [13, "1.13", 14],
    [23, "1.14 to 1.23", 14],
    [24, "1.24 to 1.25", 14],
    [29, "1.26 to 1.29", 14],
    [30, "1.30 and later", 15],
    [77, "1.30 and later", 15],
  ])("knows 1.%d as %s, which asks for %d kinds", (minor, name, kinds) => {
    expect(releaseOf(minor)).toMatchObject({ name, typeUrls: { length: kinds } });
    expect(new Set(releaseOf(minor).typeUrls).size).toBe(kinds);
  });

  // A behaviour begins with one release and stays: the first that has it, and the last that hasn't.
  test.each<[string, number, (release: Release) => boolean]>([
    ["xds://", 7, ({ protocol }) => protocol === "xds"],
    ["an answer to MeshConfig without harm", 12, ({ meshConfigAnswer }) => meshConfigAnswer === "allowed"],
    ["messages over 4 MiB", 12, ({ maxMessageBytes }) => maxMessageBytes > 4_194_304],
    ["waiting for every kind", 12, ({ waitsForEveryKind }) => waitsForEveryKind],
    ["comparing versions", 12, ({ comparesVersions }) => comparesVersions],
    ["a hundred pinned responses", 12, ({ pinnedResponses }) => pinnedResponses === 100],
    ["WasmPlugin", 12, ({ typeUrls }) => typeUrls.some((url) => url.endsWith("/WasmPlugin"))],
    ["a revision", 13, ({ sendsRevision }) => sendsRevision],
    ["validation", 14, ({ validates }) => validates],
    ["v1", 24, ({ typeUrls }) => typeUrls.includes("networking.istio.io/v1/VirtualService")],
    ["TLS", 26, ({ tls }) => tls === "simple"],
    ["WasmPlugins that nobody reads", 30, ({ wasmPlugin }) => wasmPlugin === "unread"],
    ["TrafficExtension", 30, ({ typeUrls }) => typeUrls.some((url) => url.endsWith("/TrafficExtension"))],
  ])("has %s from 1.%d on", (_, first, has) => {
    const minors = Array.from({ length: 33 }, (_, i) => i + 7);
    expect(minors.find((minor) => has(releaseOf(minor)))).toBe(first);
    expect(minors.filter((minor) => minor >= first && !has(releaseOf(minor)))).toEqual([]);
  });

  test("has deletions from 1.9 on, and the client that hangs in 1.8 alone", () => {
    expect(releases.filter(({ handlesDeletes }) => !handlesDeletes).map(({ name }) => name)).toEqual(["1.7", "1.8"]);
    expect(releases.filter(({ mostResponses }) => mostResponses !== undefined)).toEqual([releaseOf(8)]);
  });

  test("names kinds of collections that there are, in versions that these have, but for those of Mixer's clients", () => {
    const registry = istioCollections();
    const odd = releases
      .flatMap(({ typeUrls }) => typeUrls)
      .filter((url) => {
        const [group = "", version = "", kind = ""] = url.split("/");
        const spec = registry.forKind(group, kind);
        const isOfToday = spec?.generations.includes("current") === true;
        return spec?.versions.includes(version) !== true || isOfToday !== (group !== "config.istio.io");
      });
    expect(odd).toEqual([]);
  });

  test("asks for the kinds of today in the order of today", () => {
    expect(releaseOf(30).typeUrls.map((url) => url.split("/")[2])).toEqual(
      (
        "AuthorizationPolicy DestinationRule EnvoyFilter Gateway PeerAuthentication ProxyConfig RequestAuthentication " +
        "ServiceEntry Sidecar Telemetry TrafficExtension VirtualService WasmPlugin WorkloadEntry WorkloadGroup"
      ).split(" "),
    );
  });
});

describe("guessRelease", () => {
  test("knows every release that asks for xds by all that it asks for, as far as they differ", () => {
    for (const { typeUrls } of releases.filter(({ protocol }) => protocol === "xds")) {
      const guess = guessRelease([MESH_CONFIG_URL, ...typeUrls]);
      expect(guess?.settled).toBe(true);
      expect(guess?.oldest.typeUrls).toEqual(typeUrls);
      expect(guess?.newest.typeUrls).toEqual(typeUrls);
    }
  });

  test.each([
    [8, 8, 9],
    [12, 12, 12],
    [13, 13, 14],
    [24, 24, 26],
    [30, 30, 30],
  ])("takes all that 1.%d asks for as 1.%d to 1.%d and their like", (minor, oldest, newest) => {
    const guess = guessRelease(releaseOf(minor).typeUrls);
    expect([guess?.oldest.name, guess?.newest.name]).toEqual([namesFrom(oldest), namesFrom(newest)]);
  });

  test("narrows down as a stream asks", () => {
    const seen: string[] = [];
    const asked: string[] = [];
    for (const url of [MESH_CONFIG_URL, ...releaseOf(30).typeUrls]) {
      asked.push(url);
      const guess = guessRelease(asked);
      seen.push(guess === undefined ? "unknown" : `${guess.oldest.from}-${guess.newest.from} ${guess.settled}`);
    }
    expect([...new Set(seen)]).toEqual(["unknown", "24-30 false", "30-30 false", "30-30 true"]);
  });

  test("can't tell the beginning of one release from that of a later one", () => {
    const guess = guessRelease(["networking.istio.io/v1alpha3/VirtualService"]);
    expect(guess).toMatchObject({ oldest: { from: 7 }, newest: { from: 14 }, settled: false });
  });

  test.each([
    [[]],
    [[MESH_CONFIG_URL]],
    [["type.googleapis.com/envoy.config.cluster.v3.Cluster"]],
    [["networking.istio.io/v1/VirtualService", "networking.istio.io/v1alpha3/VirtualService"]],
    [["networking.istio.io/v9/VirtualService"]],
  ])("knows nobody who asks for %j", (asked) => {
    expect(guessRelease(asked)).toBeUndefined();
  });
});
