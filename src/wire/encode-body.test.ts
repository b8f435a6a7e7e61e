import { fromBinary, toJson } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BodySpec, type EncodedBody, encodeBody } from "./encode-body.ts";
import { type ApiGeneration, registryFor } from "./registry.ts";

const both: readonly ApiGeneration[] = ["1.3", "current"];
const of = (kind: string, generations = both): BodySpec => ({
  message: `istio.networking.v1alpha3.${kind}`,
  generations,
});

function served(spec: BodySpec, encoded: EncodedBody): Partial<Record<ApiGeneration, unknown>> {
  const read = (generation: ApiGeneration, bytes: Uint8Array | undefined) => {
    if (bytes === undefined) return {};
    const desc = registryFor(generation).getMessage(spec.message)!;
    return { [generation]: toJson(desc, fromBinary(desc, bytes), { registry: registryFor(generation) }) };
  };
  return { ...read("1.3", encoded.legacy), ...read("current", encoded.current) };
}

const said = ({ issues }: EncodedBody): string[] =>
  issues.map(({ severity, code, message }) => `${severity} ${code}: ${message}`);

describe("a body that both generations encode alike", () => {
  test("is one array, shared", () => {
    const gateway = {
      selector: { istio: "ingress" },
      servers: [{ port: { number: 80, name: "http" }, tls: { mode: "SIMPLE" } }],
    };
    const encoded = encodeBody(of("Gateway"), gateway);
    expect(encoded.current).toBe(encoded.legacy);
    expect(served(of("Gateway"), encoded)["current"]).toEqual(gateway);
    expect(encoded.issues).toEqual([]);
  });

  test("is one array also when it took two walks to find out", () => {
    const encoded = encodeBody(of("Gateway"), { selectr: { istio: "ingress" } });
    expect(encoded.current).toBe(encoded.legacy);
    expect(said(encoded)).toEqual(["warning unknown-field: selectr is an unknown field; did you mean selector?"]);
  });
});

describe("where the generations differ", () => {
  test("a field of one is known to be missing from the other", () => {
    const body = { host: "a", workloadSelector: { matchLabels: { a: "b" } } };
    const encoded = encodeBody(of("DestinationRule"), body, ["spec"]);
    expect(served(of("DestinationRule"), encoded)).toEqual({ "1.3": { host: "a" }, current: body });
    expect(said(encoded)).toEqual([
      "info field-not-in-1.3: spec.workloadSelector is not in the API of Istio 1.3: its sinks are sent the resource without it",
    ]);
    const old = encodeBody(of("VirtualService"), { http: [{ websocketUpgrade: true }] });
    expect(said(old)).toEqual([
      "info field-not-in-current: http[0].websocketUpgrade is not in today's Istio API: its sinks are sent the resource without it",
    ]);
  });

  test("an enum value goes out under the number of each", () => {
    const body = { trafficPolicy: { loadBalancer: { simple: "ROUND_ROBIN" } } };
    const encoded = encodeBody(of("DestinationRule"), body);
    expect(served(of("DestinationRule"), encoded)).toEqual({ "1.3": body, current: body });
    expect(encoded.legacy).not.toEqual(encoded.current);
    expect(encoded.issues).toEqual([]);
  });

  test("a scalar that became a message is written as each has it", () => {
    const mesh = { message: "istio.mesh.v1alpha1.MeshConfig", generations: both };
    const body = { ingressControllerMode: "STRICT", defaultConfig: { concurrency: 2 } };
    const encoded = encodeBody(mesh, body);
    expect(served(mesh, encoded)).toEqual({ "1.3": body, current: body });
    expect(encoded.legacy).not.toEqual(encoded.current);
    // Implicit presence became a wrapper: a zero is something to today's sinks alone.
    expect(served(mesh, encodeBody(mesh, { defaultConfig: { concurrency: 0 } }))).toEqual({
      "1.3": { defaultConfig: {} },
      current: { defaultConfig: { concurrency: 0 } },
    });
  });

  test("a value that one lacks costs only its own sinks the resource", () => {
    const body = { trafficPolicy: { loadBalancer: { simple: "LEAST_REQUEST" } } };
    const encoded = encodeBody(of("DestinationRule"), body);
    expect(served(of("DestinationRule"), encoded)).toEqual({ current: body });
    expect(said(encoded)).toEqual([
      "warning not-in-1.3: trafficPolicy.loadBalancer.simple has a value that the API of Istio 1.3 lacks: its sinks are not sent this resource",
    ]);
  });

  test("a value that nobody takes fails the whole body", () => {
    const encoded = encodeBody(of("DestinationRule"), {
      trafficPolicy: { loadBalancer: { simple: "LEAST_REQUESTS" } },
    });
    expect(served(of("DestinationRule"), encoded)).toEqual({});
    expect(said(encoded)).toEqual([
      'error unknown-value: trafficPolicy.loadBalancer.simple has the unknown value "LEAST_REQUESTS"; did you mean LEAST_REQUEST?',
    ]);
  });

  test("a mistake inside a field that only one knows fails the whole body: an edit gone wrong must not delete anything", () => {
    const encoded = encodeBody(of("DestinationRule"), { host: "a", workloadSelector: { matchLabels: "a" } });
    expect(served(of("DestinationRule"), encoded)).toEqual({});
    expect(encoded.issues.map(({ code }) => code)).toEqual(["wrong-type"]);
  });
});

test("a message of one generation is encoded for that one", () => {
  expect(encodeBody(of("WorkloadEntry", ["current"]), { address: "1.2.3.4" }).legacy).toBeUndefined();
  expect(encodeBody({ message: "istio.rbac.v1alpha1.ServiceRole", generations: ["1.3"] }, {}).current).toBeUndefined();
});

test("what two generations make of a body is what each makes of it alone", () => {
  const shapes = fc.record(
    {
      host: fc.constantFrom<unknown>("a", 1),
      exportTo: fc.constant(["."]),
      workloadSelector: fc.constantFrom<unknown>({}, { matchLabels: { a: "b" } }, 1),
      stranger: fc.constant(1),
      trafficPolicy: fc.record(
        {
          loadBalancer: fc.record({ simple: fc.constantFrom("ROUND_ROBIN", "RANDOM", "LEAST_REQUEST", "NONE", 4) }),
          tls: fc.record(
            { mode: fc.constantFrom("SIMPLE", "ISTIO_MUTUAL", 9), caCrl: fc.constant("x") },
            { requiredKeys: [] },
          ),
          tunnel: fc.constant({ protocol: "CONNECT" }),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(shapes, (body) => {
      const pair = encodeBody(of("DestinationRule"), body);
      const legacy = encodeBody(of("DestinationRule", ["1.3"]), body).legacy;
      const current = encodeBody(of("DestinationRule", ["current"]), body).current;
      if (pair.legacy === undefined && pair.current === undefined) {
        expect(legacy === undefined || current === undefined).toBe(true);
        expect(pair.issues.some(({ severity }) => severity === "error")).toBe(true);
        return;
      }
      expect(pair.legacy).toEqual(legacy);
      expect(pair.current).toEqual(current);
      const alike = legacy !== undefined && current !== undefined && Buffer.compare(legacy, current) === 0;
      expect(pair.legacy === pair.current).toBe(alike);
    }),
    { numRuns: 500 },
  );
});
