import { fromBinary, toJson } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { type BodySpec, encodeBody } from "../encode-body.ts";
import { registryFor } from "../registry.ts";

// Each rule of proto3 JSON that configuration meets, with the reading that Go's jsonpb gives it.

function decoded(spec: BodySpec, body: unknown): unknown {
  const { legacy, issues } = encodeBody(spec, body);
  expect(issues).toEqual([]);
  const registry = registryFor("1.3");
  const desc = registry.getMessage(spec.message)!;
  return toJson(desc, fromBinary(desc, legacy!), { registry });
}

function problems(spec: BodySpec, body: unknown): string[] {
  return encodeBody(spec, body).issues.map(({ severity, code, message }) => `${severity} ${code}: ${message}`);
}

const of = (message: string): BodySpec => ({ message, generations: ["1.3"] });
const serviceEntry = of("istio.networking.v1alpha3.ServiceEntry");
const virtualService = of("istio.networking.v1alpha3.VirtualService");
const route = of("istio.networking.v1alpha3.HTTPRoute");
const duration = of("google.protobuf.Duration");
const time = of("google.protobuf.Timestamp");

describe("names", () => {
  test("fields go by their camelCase and their snake_case name", () => {
    expect(decoded(route, { websocketUpgrade: true, append_headers: { a: "b" } })).toEqual({
      websocketUpgrade: true,
      appendHeaders: { a: "b" },
    });
  });

  test("of both names the camelCase one wins, and the other is reported", () => {
    const body = { websocket_upgrade: true, websocketUpgrade: false };
    expect(problems(route, body)).toEqual([
      'warning duplicate-field: websocket_upgrade says again what "websocketUpgrade" says; "websocketUpgrade" is taken',
    ]);
    expect(encodeBody(route, body).legacy).toEqual(new Uint8Array(0));
  });

  test("every unknown field is reported with its place, and the nearest known name", () => {
    const body = { hostz: ["a"], ports: [{ number: 80, potocol: "HTTP" }], nothingLikeIt: 1 };
    expect(problems(serviceEntry, body)).toEqual([
      "warning unknown-field: hostz is an unknown field; did you mean hosts?",
      "warning unknown-field: nothingLikeIt is an unknown field",
      "warning unknown-field: ports[0].potocol is an unknown field; did you mean protocol?",
    ]);
  });

  test("all wrong types are found in one pass", () => {
    const body = { hosts: "foo.bar", ports: [{ number: "http", name: 1 }, null], location: "inside", endpoints: {} };
    expect(problems(serviceEntry, body)).toEqual([
      'error wrong-type: hosts must be a list, not the text "foo.bar"',
      'error wrong-type: ports[0].number must be a whole number, not the text "http"',
      "error wrong-type: ports[0].name must be a text, not 1; put it in quotes",
      "error wrong-type: ports[1] must be an object, not null; remove the empty list item",
      'error unknown-value: location has the unknown value "inside"; use one of MESH_EXTERNAL, MESH_INTERNAL',
      "error wrong-type: endpoints must be a list, not an object",
    ]);
  });
});

describe("numbers, bools, texts", () => {
  const port = of("istio.networking.v1alpha3.Port");
  test.each([
    [80, { number: 80 }],
    ["80", { number: 80 }],
    // Go's jsonpb refuses these two (ADR 0007); today's protojson takes them.
    ["8e1", { number: 80 }],
    ["80.0", { number: 80 }],
    [4294967295, { number: 4294967295 }],
    [0, {}],
    [null, {}],
  ])("a port number %j is read", (number, expected) => {
    expect(decoded(port, { number })).toEqual(expected);
  });

  test.each([
    -1,
    4294967296,
    1.5,
    "1.5",
    "8e-1",
    "9e9",
    "NaN",
    "Infinity",
    "0x50",
    " 80",
    "",
    true,
    [],
    {},
    Number.NaN,
  ])("a port number %j is refused", (number) => {
    expect(problems(port, { number })).toHaveLength(1);
  });

  test("a 64-bit number beyond 2^53 must be quoted, as its digits are lost otherwise", () => {
    const attribute = of("istio.mixer.v1.Attributes.AttributeValue");
    expect(decoded(attribute, { int64Value: "9223372036854775807" })).toEqual({ int64Value: "9223372036854775807" });
    expect(problems(attribute, { int64Value: 2 ** 60 })).toEqual([
      "error bad-value: int64Value loses digits as a number this large; put it in quotes",
    ]);
    expect(problems(attribute, { int64Value: "9223372036854775808" })[0]).toMatch(
      /must be between -9223372036854775808 and/,
    );
  });

  test.each(["true", 1, "yes", []])("%j is no bool", (value) => {
    expect(problems(route, { websocketUpgrade: value })).toHaveLength(1);
  });

  test.each([
    ["NaN", "NaN"],
    ["Infinity", "Infinity"],
    ["-Infinity", "-Infinity"],
    ["1.5", 1.5],
    ["1.5e1", 15],
    [0.25, 0.25],
  ])("a percentage of %j is read", (value, expected) => {
    expect(decoded(of("istio.networking.v1alpha3.Percent"), { value })).toEqual({ value: expected });
  });

  test.each([
    [Number.NaN, 'must be finite; quote it if "NaN" is meant'],
    [Number.NEGATIVE_INFINITY, 'must be finite; quote it if "-Infinity" is meant'],
    ["nan", "must be a number"],
    ["+Infinity", "must be a number"],
    ["1e309", "is beyond the range of a 64-bit float"],
    ["", "must be a number"],
  ])("a percentage of %j is refused", (value, why) => {
    const [problem, ...more] = problems(of("istio.networking.v1alpha3.Percent"), { value });
    expect([problem, more]).toEqual([expect.stringContaining(why), []]);
  });

  test("half of a surrogate pair is refused, wherever it stands", () => {
    for (const hosts of [["\ud800"], [`${"x".repeat(200)}\udc00`]])
      expect(problems(serviceEntry, { hosts })).toHaveLength(1);
    expect(problems(of("google.protobuf.Struct"), { "\ud800": 1 })).toHaveLength(1);
    expect(decoded(serviceEntry, { hosts: ["\u{1f600}"] })).toEqual({ hosts: ["\u{1f600}"] });
  });

  test.each([
    ["AQI=", "AQI="],
    ["AQI", "AQI="],
    ["-_8", "+/8="],
  ])("bytes %j are read in either alphabet, padded or not", (value, expected) => {
    expect(decoded(of("google.protobuf.BytesValue"), value)).toEqual(expected);
  });

  test.each(["A", "A===", "AQ=", "AQI=x", "!", 1])("bytes %j are refused", (value) => {
    expect(problems(of("google.protobuf.BytesValue"), value)).toHaveLength(1);
  });
});

describe("enums", () => {
  test("go by name or number; an unknown number is kept, an unknown name is not", () => {
    expect(decoded(serviceEntry, { resolution: "DNS" })).toEqual({ resolution: "DNS" });
    expect(decoded(serviceEntry, { resolution: 2 })).toEqual({ resolution: "DNS" });
    expect(decoded(serviceEntry, { resolution: 77 })).toEqual({ resolution: 77 });
    expect(problems(serviceEntry, { resolution: "dns" })).toEqual([
      'error unknown-value: resolution has the unknown value "dns"; did you mean DNS?',
    ]);
    expect(problems(serviceEntry, { resolution: 2 ** 31 })).toHaveLength(1);
  });
});

describe("presence", () => {
  test("a default is left out of a plain field, and written in a oneof", () => {
    expect(encodeBody(serviceEntry, { hosts: [], resolution: "NONE" }).legacy).toEqual(new Uint8Array(0));
    const selector = of("istio.authentication.v1alpha1.PortSelector");
    expect(decoded(selector, { number: 0 })).toEqual({ number: 0 });
  });

  test("an empty message is written, and so is a wrapper around a default", () => {
    const body = { fault: {}, corsPolicy: { allowCredentials: false } };
    expect(decoded(route, body)).toEqual(body);
  });

  test("two members of a oneof are an error", () => {
    const match = of("istio.networking.v1alpha3.StringMatch");
    expect(problems(match, { exact: "a", prefix: "b" })).toEqual([
      "error oneof-conflict: prefix excludes its siblings: only one of exact, prefix can be set",
    ]);
    expect(decoded(match, { exact: "a", prefix: null })).toEqual({ exact: "a" });
  });

  test("mutual TLS that is asked for with nothing behind it is asked for with its defaults", () => {
    const peer = of("istio.authentication.v1alpha1.PeerAuthenticationMethod");
    expect(decoded(peer, { mtls: null })).toEqual({ mtls: {} });
    expect(decoded(peer, { mtls: null, jwt: { issuer: "x" } })).toEqual({ jwt: { issuer: "x" } });
    expect(decoded(peer, { jwt: null })).toEqual({});
  });
});

describe("maps", () => {
  test("keys are sorted, so that equal maps give equal bytes", () => {
    const labels = (body: unknown) =>
      encodeBody(of("istio.networking.v1alpha3.WorkloadSelector"), { labels: body }).legacy;
    expect(labels({ b: "1", a: "2", 10: "3", 9: "4" })).toEqual(labels({ 9: "4", a: "2", 10: "3", b: "1" }));
  });

  test("values must be of the right type, also when they are null", () => {
    expect(problems(of("istio.networking.v1alpha3.WorkloadSelector"), { labels: { app: null, b: 1 } })).toEqual([
      "error wrong-type: labels.app must be a text, not null",
      "error wrong-type: labels.b must be a text, not 1; put it in quotes",
    ]);
  });

  test("keys of numbers are whole numbers, each written in one way", () => {
    const compressed = of("istio.mixer.v1.CompressedAttributes");
    expect(decoded(compressed, { bools: { "-3": true } })).toEqual({ bools: { "-3": true } });
    for (const key of ["01", "x", "1.0", "-0", ""])
      expect(problems(compressed, { bools: { [key]: true } })).toHaveLength(1);
  });
});

describe("durations", () => {
  test.each([
    ["1.5s", "1.500s"],
    ["5s", "5s"],
    ["-0.5s", "-0.500s"],
    ["1m30s", "90s"],
    ["1h", "3600s"],
    ["1500us", "0.001500s"],
    ["1µs", "0.000001s"],
    ["3ns", "0.000000003s"],
    ["+.5m", "30s"],
    ["0", "0s"],
    ["-1h2m3.5s", "-3723.500s"],
    ["0.000000001s", "0.000000001s"],
  ])("%s is read", (value, expected) => {
    expect(decoded(duration, value)).toBe(expected);
  });

  test.each([
    5,
    "5",
    "1 second",
    "",
    "s",
    "1d",
    ".s",
    "1s ",
    "--1s",
    "9000000h",
    "0.0000000001s",
    "1".repeat(200),
    [],
    {},
  ])("%j is refused", (timeout) => {
    expect(problems(route, { timeout })).toHaveLength(1);
  });
});

describe("times", () => {
  test.each([
    ["1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"],
    ["2018-01-01T02:03:04.000000005Z", "2018-01-01T02:03:04.000000005Z"],
    ["2020-02-29T23:30:00-01:30", "2020-03-01T01:00:00Z"],
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"],
    ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
  ])("%s is read", (value, expected) => {
    expect(decoded(time, value)).toBe(expected);
  });

  test.each([
    "yesterday",
    "2021-02-29T00:00:00Z",
    "2021-13-01T00:00:00Z",
    "2021-01-01T24:00:00Z",
    "2021-01-01T00:00:60Z",
    "2021-01-01 00:00:00Z",
    "2021-01-01T00:00:00",
    "2021-01-01T00:00:00+24:00",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    0,
    { seconds: "0" },
  ])("%j is refused", (value) => {
    expect(problems(time, value)).toHaveLength(1);
  });
});

describe("messages that hold any JSON", () => {
  test("a Struct keeps it whole, its keys sorted at every level", () => {
    const struct = of("google.protobuf.Struct");
    const body = { z: [1, "a", null, true, { b: {}, a: [] }], a: { 10: 1, 9: 2 } };
    expect(decoded(struct, body)).toEqual(body);
    expect(encodeBody(struct, { a: { 9: 2, 10: 1 }, z: [1, "a", null, true, { a: [], b: {} }] })).toEqual(
      encodeBody(struct, body),
    );
  });

  test("what is not JSON is refused, with the remedy for a date", () => {
    const struct = of("google.protobuf.Struct");
    expect(problems(struct, { when: new Date(0) })).toEqual([
      "error wrong-type: when must be JSON, not a date; put it in quotes",
    ]);
    for (const value of [Number.NaN, 1n, () => 1, Symbol("x")]) expect(problems(struct, { value })).toHaveLength(1);
    expect(problems(struct, [1])).toHaveLength(1);
  });

  test("an Any needs a message that the API has", () => {
    const status = of("google.rpc.Status");
    const any = { "@type": "type.googleapis.com/istio.networking.v1alpha3.Port", number: 1 };
    expect(decoded(status, { details: [any, { "@type": "x.org/google.protobuf.Duration", value: "1s" }] })).toEqual({
      details: [any, { "@type": "x.org/google.protobuf.Duration", value: "1s" }],
    });
    expect(problems(status, { details: [{ "@type": "x/foo.Bar" }, { a: 1 }, 1] })).toEqual([
      'error unknown-type: details[0] holds the unknown message "x/foo.Bar"',
      "error bad-value: details[1] must name its message under @type",
      "error wrong-type: details[2] must be an object with an @type, not 1",
    ]);
  });
});

describe("Kubernetes", () => {
  test("a port is a number or a name, an amount a text or a number, a time RFC 3339", () => {
    const pod = {
      metadata: { name: "p", creationTimestamp: "2020-01-31T12:00:00Z" },
      spec: {
        containers: [
          {
            resources: { limits: { cpu: 2, memory: "1Gi" } },
            livenessProbe: { httpGet: { path: "/", port: "http" }, periodSeconds: 3 },
            readinessProbe: { tcpSocket: { port: 80 } },
          },
        ],
        volumes: [{ name: "v", secret: { secretName: "s" } }],
      },
    };
    expect(decoded(of("k8s.io.api.core.v1.Pod"), pod)).toEqual({
      metadata: { name: "p", creationTimestamp: { seconds: "1580472000" } },
      spec: {
        containers: [
          {
            resources: { limits: { cpu: { string: "2" }, memory: { string: "1Gi" } } },
            livenessProbe: {
              handler: { httpGet: { path: "/", port: { type: "1", strVal: "http" } } },
              periodSeconds: 3,
            },
            readinessProbe: { handler: { tcpSocket: { port: { type: "0", intVal: 80 } } } },
          },
        ],
        volumes: [{ name: "v", volumeSource: { secret: { secretName: "s" } } }],
      },
    });
  });

  test("zeros are written, as Go writes them", () => {
    expect(decoded(of("k8s.io.api.core.v1.ServicePort"), { port: 0, targetPort: 0 })).toEqual({
      port: 0,
      targetPort: { type: "0", intVal: 0 },
    });
  });

  test("fields of later releases are no mistake", () => {
    expect(problems(of("k8s.io.api.core.v1.ServiceSpec"), { ipFamilies: ["IPv4"] })).toEqual([
      "info unknown-field: ipFamilies is an unknown field",
    ]);
  });

  test.each([{}, "1.2.3", "1 Gi", true, null])("%j is no quantity", (cpu) => {
    expect(problems(of("k8s.io.api.core.v1.ResourceRequirements"), { limits: { cpu } })).toHaveLength(1);
  });
});

test("a body that is no object is refused, and null is the empty message", () => {
  for (const body of ["x", 1, true, [], new Date(0)]) expect(problems(virtualService, body)).toHaveLength(1);
  expect(encodeBody(virtualService, null).legacy).toEqual(new Uint8Array(0));
  expect(encodeBody(virtualService, undefined).legacy).toEqual(new Uint8Array(0));
});
