import type { SinkView } from "../../../admin/introspection/topics/sinks.ts";
import { quietWorld, type World } from "./world.ts";

/** The moment at which things are so. */
export const now: number = Date.parse("2026-11-22T15:50:34Z");

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];
const networking = "istio/networking/v1alpha3";

/** A server with a bit of everything that can be wrong, hostile text included. */
export const busyWorld: World = {
  ...quietWorld,
  missing: ["the source kube is starting"],
  load: { heapUsed: 1.5e9, heapLimit: 2e9, eventLoop: { median: 0.002, p99: 0.4, worst: 1.2 } },
  lostLogRecords: 1204,
  sources: [
    {
      name: "files",
      state: "degraded",
      since: now - 12 * second,
      reason: {
        message: "the folder /etc/config can't be read: no such file or directory",
        action: "what was read of it stays in service",
      },
    },
    { name: "kube", state: "starting", since: now - 3 * day, reason: undefined },
    { name: "mesh-config", state: "synced", since: now - 3 * day, reason: undefined },
  ],
  problems: [
    {
      severity: "error",
      code: "yaml-syntax",
      message: "a tab can't indent; use spaces",
      action: "the last good version stays in service",
      at: { file: "shop/gateway.yaml", line: 12, column: 1 },
      subject: "Gateway shop/web",
      source: "files",
      since: now - 5 * minute,
    },
    {
      severity: "error",
      code: "missing-kind",
      message: "a document must have a text as its kind, such as VirtualService",
      action: "not served",
      at: { file: "notes.yaml", line: 3 },
      source: "files",
      since: now - 3 * day,
    },
    {
      severity: "error",
      code: "source-degraded",
      message: "the folder /etc/config can't be read: no such file or directory",
      action: "what was read of it stays in service",
      source: "files",
      since: now - 12 * second,
    },
    {
      severity: "warning",
      code: "unknown-field",
      message: "spec.hots is no field; did you mean hosts?",
      action: "served all the same",
      at: { file: "shop/checkout/routes.yaml", line: 140, column: 9 },
      subject: "VirtualService shop/checkout",
      source: "files",
      since: now - 2 * hour,
    },
    ...["a", "b", "c"].map((name) => ({
      severity: "info" as const,
      code: "unknown-kind",
      message: "Ingress is no kind that is read",
      action: "the document is ignored",
      at: { file: `ingress-${name}.yaml`, line: 1, column: 1 },
      subject: `Ingress shop/${name}`,
      source: "files",
      since: now - 3 * day,
    })),
  ],
  collections: {
    [`${networking}/gateways`]: ["shop/web", "shop/internal"],
    [`${networking}/virtualservices`]: ["shop/checkout", "shop/cart", "shop/search"],
    [`${networking}/serviceentries`]: Array.from({ length: 12_345 }, (_, i) => `ext/host-${i}`),
    [`${networking}/sidecars`]: [],
    [`${networking}/envoyfilters`]: [],
    "istio/mesh/v1alpha1/MeshConfig": ["meshconfig"],
    "vendor/made/up/v1/gateways": ["x"],
  },
  sinks: [
    sink(1, "pilot-6c9d7f5b8-x2k4p", now - 3 * day, {}),
    sink(2, "", now - 2 * day, { sent: "v2", acked: undefined, synced: false }),
    sink(7, "pilot-6c9d7f5b8-zz9qf", now - 5 * hour, {
      nacked: { version: "v2", code: 3, message: 'domain name "a b" invalid\u001b[2J', at: now - 5 * minute },
      synced: false,
    }),
    sink(12, "mixer", now - 30 * second, { awaitingSince: now - 29 * second, acked: undefined, synced: false }),
  ],
  called: [
    { address: "sink.example:9902", state: "connected", since: now - hour, retryAt: undefined, lastEnd: undefined },
    {
      address: "sink-behind-a-firewall.example:9902",
      state: "waiting",
      since: now - 9 * second,
      retryAt: now + 14 * second,
      lastEnd: { code: 14, message: "connect ECONNREFUSED\u001b[2J 10.1.0.12:9902", at: now - 9 * second },
    },
    { address: "10.1.0.13:9902", state: "calling", since: now - 3 * second, retryAt: undefined, lastEnd: undefined },
  ],
  changes: [
    {
      id: 1,
      at: now - day,
      collections: [
        {
          collection: `${networking}/serviceentries`,
          before: "0",
          after: "OWwaWZlAFaYTrMIK012345",
          added: 12_345,
          updated: 0,
          deleted: 0,
          names: Array.from({ length: 10 }, (_, i) => ({ name: `ext/host-${i}`, change: "added" as const })),
        },
      ],
    },
    {
      id: 2,
      at: now - 5 * minute,
      collections: [
        {
          collection: `${networking}/gateways`,
          before: "77aa0102030405060708ff",
          after: "OWwaWZlAFaYTrMIK000002",
          added: 1,
          updated: 1,
          deleted: 1,
          names: [
            { name: "shop/old", change: "deleted" },
            { name: "shop/internal", change: "updated" },
            { name: "shop/web", change: "added" },
          ],
        },
        {
          collection: `${networking}/virtualservices`,
          before: "0",
          after: "OWwaWZlAFaYTrMIK000003",
          added: 0,
          updated: 2,
          deleted: 0,
          names: [
            { name: "shop/cart", change: "updated" },
            { name: "shop/checkout", change: "updated" },
          ],
        },
      ],
    },
  ],
  show: (collection, name) =>
    collection.endsWith("/gateways") && name === "shop/web"
      ? {
          collection,
          origin: "shop/gateway.yaml:12",
          name,
          version: "51d0",
          createTime: "2026-11-02T08:15:00Z",
          labels: { app: "web" },
          annotations: {},
          typeUrl: "type.googleapis.com/istio.networking.v1alpha3.Gateway",
          body: { servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["*"] }] },
        }
      : undefined,
};

/** A sink of three collections, of which one is as told; the other two it has as they are published. */
function sink(id: number, sinkId: string, since: number, odd: Partial<SinkView["collections"][number]>): SinkView {
  const holding = {
    sent: "v1",
    acked: "v1",
    nacked: undefined,
    incremental: false,
    awaitingSince: undefined,
    synced: true,
  };
  const collections = ["gateways", "virtualservices", "serviceentries"].map((name) => ({
    collection: `${networking}/${name}`,
    topic: `${networking}/${name}`,
    names: undefined,
    ...holding,
  }));
  collections[0] = { ...collections[0]!, ...odd } as (typeof collections)[0];
  return { id, protocol: "mcp", sinkId, peer: `10.1.0.${id}:53112`, annotations: {}, since, collections };
}
