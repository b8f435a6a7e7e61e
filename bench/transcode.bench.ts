import { createRegistry, fromJson, toBinary, type JsonValue } from "@bufbuild/protobuf";
import { bench, do_not_optimize, group, run, summary } from "mitata";
import { decodeDocument } from "../src/model/decode.ts";
import { istioCollections } from "../src/model/registry.ts";
import { encodeBody } from "../src/wire/encode-body.ts";
import { messageOf } from "../src/wire/registry.ts";
import { Slab } from "../src/wire/slab.ts";

// From a parsed document to wire bytes: what a cold start does for each document once its YAML is read.

const collections = istioCollections();
const serviceEntry = collections.get("istio/networking/v1alpha3/serviceentries")!;
const origin = { describe: () => "bench" };

// About 500 bytes of YAML.
const document = {
  apiVersion: "networking.istio.io/v1alpha3",
  kind: "ServiceEntry",
  metadata: { name: "external-svc-00042", namespace: "team-a", labels: { app: "external", team: "a" } },
  spec: {
    hosts: ["api-00042.example.com", "www-00042.example.com"],
    addresses: ["10.42.0.42/32"],
    ports: [
      { number: 80, name: "http", protocol: "HTTP" },
      { number: 443, name: "https", protocol: "TLS" },
    ],
    location: "MESH_EXTERNAL",
    resolution: "STATIC",
    endpoints: [
      { address: "192.0.2.42", ports: { http: 8080, https: 8443 }, labels: { version: "v1" } },
      { address: "192.0.2.43", ports: { http: 8080, https: 8443 }, labels: { version: "v2" } },
    ],
  },
};
// The same, with a field that only today's API has: both generations are encoded.
const diverging = { ...document, spec: { ...document.spec, workloadSelector: { labels: { app: "x" } } } };

const schema = messageOf("1.3", serviceEntry.message);
const registry = createRegistry(schema);
const slab = new Slab();

summary(() => {
  group("ServiceEntry body, JSON to bytes", () => {
    bench("protobuf-es: fromJson + toBinary", () =>
      do_not_optimize(
        toBinary(schema, fromJson(schema, document.spec as JsonValue, { registry, ignoreUnknownFields: true })),
      ));
    bench("encodeBody, both generations alike", () => do_not_optimize(encodeBody(serviceEntry, document.spec)));
    bench("encodeBody, generations differ", () => do_not_optimize(encodeBody(serviceEntry, diverging.spec)));
  });
});

summary(() => {
  group("ServiceEntry document to Resource", () => {
    bench("decodeDocument", () => do_not_optimize(decodeDocument(document, collections, origin)));
    bench("decodeDocument, into a slab", () =>
      do_not_optimize(decodeDocument(document, collections, origin, { store: slab })));
  });
});

await run();
