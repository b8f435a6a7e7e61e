import { expect, test } from "vitest";
import type { OptionTable } from "./option.ts";
import { Settings } from "./settings.ts";

const table = {
  port: { name: "port", kind: "port", default: "1", doc: "Port." },
  token: { name: "token", kind: "text", default: "", doc: "Token.", secret: true },
  help: { name: "help", kind: "switch", default: "false", doc: "Help.", from: "flag" },
} as const satisfies OptionTable;

test("a listing names each setting that lasts, with its value and origin", () => {
  const settings = new Settings(
    table,
    { port: 2, token: "", help: true },
    new Map([["port", { kind: "flag", flag: "--port" }]]),
  );
  expect(settings.rows()).toEqual([
    { name: "port", value: "2", origin: "flag --port" },
    { name: "token", value: "", origin: "default" },
  ]);
});

test("a listing never holds a secret", () => {
  const settings = new Settings(table, { port: 1, token: "hunter2", help: false }, new Map());
  expect(JSON.stringify(settings.rows())).not.toContain("hunter2");
  expect(settings.rows()[1]?.value).toBe("(secret)");
});

test("values can't be changed", () => {
  const settings = new Settings(table, { port: 1, token: "", help: false }, new Map());
  expect(() => Object.assign(settings.values, { port: 2 })).toThrow(TypeError);
});
