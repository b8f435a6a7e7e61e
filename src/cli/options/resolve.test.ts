import { describe, expect, test } from "vitest";
import type { OptionTable } from "./option.ts";
import type { Given, GivenByKey, Origin } from "./origin.ts";
import { resolveSettings } from "./resolve.ts";

const table = {
  port: { name: "port", kind: "port", default: "1", doc: "Port." },
  names: { name: "names", kind: "list", default: "a,b", doc: "Names." },
  token: { name: "token", kind: "text", default: "", doc: "Token.", secret: true, status: { notBuilt: "tokens" } },
  tls: { name: "tls", kind: "switch", default: "true", doc: "TLS.", status: { notBuilt: "plaintext" } },
  old: { name: "old", kind: "switch", default: "true", doc: "Old.", status: { ignored: "all is new" } },
} as const satisfies OptionTable;

const flag: Origin = { kind: "flag", flag: "--port" };
const variable: Origin = { kind: "environment", name: "GALLEY_PORT" };
const file: Origin = { kind: "file", file: "g.yaml", line: 3, key: "Port" };

function layer(key: string, origin: Origin, ...texts: string[]): GivenByKey {
  return new Map<string, Given>([[key, { origin, texts }]]);
}

function resolved(...layers: GivenByKey[]): Extract<ReturnType<typeof resolveSettings<typeof table>>, { ok: true }> {
  const result = resolveSettings(table, layers);
  if (!result.ok) throw new Error(result.problems.map(String).join());
  return result;
}

function problems(...layers: GivenByKey[]): readonly { readonly code: string; readonly message: string }[] {
  const result = resolveSettings(table, layers);
  return result.ok ? [] : result.problems;
}

describe("precedence", () => {
  const fromFile = layer("port", file, "4");
  const fromVariable = layer("port", variable, "3");
  const fromFlag = layer("port", flag, "2");

  test.each([
    ["a flag", [fromFlag, fromVariable, fromFile], 2, flag],
    ["the environment", [new Map(), fromVariable, fromFile], 3, variable],
    ["the file", [new Map(), new Map(), fromFile], 4, file],
    ["the default", [], 1, { kind: "default" }],
  ] as const)("takes the value of %s, and remembers that", (_, layers, port, origin) => {
    const { settings } = resolved(...layers);
    expect(settings.values.port).toBe(port);
    expect(settings.origin("port")).toEqual(origin);
    expect(settings.isGiven("port")).toBe(layers.length > 0);
  });

  test("replaces a list rather than adding to the default", () => {
    expect(resolved(layer("names", flag, "c", "d")).settings.values.names).toEqual(["c", "d"]);
  });

  test("lets a flag hide a broken value of the environment", () => {
    expect(resolved(fromFlag, layer("port", variable, "x")).settings.values.port).toBe(2);
  });
});

describe("a value that can't be read", () => {
  test.each([
    [flag, "GLY_VALUE", "--port=x: expected a whole number from 0 to 65535"],
    [variable, "GLY_VALUE", "GALLEY_PORT=x: expected a whole number from 0 to 65535"],
    [file, "GLY_CONFIG_FILE_VALUE", "g.yaml:3: Port: x: expected a whole number from 0 to 65535"],
  ] as const)("is refused with its place: %j", (origin, code, message) => {
    expect(problems(layer("port", origin, "x"))).toMatchObject([{ code, message }]);
  });

  test("can't smuggle controls or a flood into the message", () => {
    const [problem] = problems(layer("port", flag, `\u001b[2J${"9".repeat(10_000)}`));
    expect(problem?.message).toContain("--port=\\u001b[2J999");
    expect(problem?.message.length).toBeLessThan(250);
  });
});

describe("a feature that isn't built", () => {
  test.each([flag, variable, file])("is refused from %j", (origin) => {
    expect(problems(layer("tls", origin, "false"))).toMatchObject([
      {
        code: "GLY_NOT_BUILT",
        message: expect.stringContaining("false needs plaintext, which this release doesn't have"),
      },
    ]);
  });

  test("is accepted at its default, however that is spelled", () => {
    expect(problems(layer("tls", flag, "T"))).toEqual([]);
  });

  test("does not give a secret away", () => {
    expect(problems(layer("token", flag, "hunter2"))[0]?.message).toContain("(secret)");
  });
});

test("an option that is ignored is accepted with a notice", () => {
  expect(resolved(layer("old", { kind: "flag", flag: "--old" }, "false")).notices).toEqual([
    "--old=false has no effect: all is new",
  ]);
  expect(resolved().notices).toEqual([]);
});

test("all problems are reported together", () => {
  const both = new Map([...layer("port", flag, "x"), ...layer("tls", flag, "false")]);
  expect(problems(both).map(({ code }) => code)).toEqual(["GLY_VALUE", "GLY_NOT_BUILT"]);
});
