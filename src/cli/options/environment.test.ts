import { describe, expect, test } from "vitest";
import { readEnvironment } from "./environment.ts";
import { serverOptions } from "./table.ts";

describe("readEnvironment", () => {
  test("takes the variables of the table", () => {
    const { given, notices } = readEnvironment(serverOptions, { GALLEY_CONFIG_PATH: "/c", PATH: "/bin" });
    expect([...given]).toEqual([
      ["configPath", { origin: { kind: "environment", name: "GALLEY_CONFIG_PATH" }, texts: ["/c"] }],
    ]);
    expect(notices).toEqual([]);
  });

  test("takes an empty variable as not set", () => {
    expect(readEnvironment(serverOptions, { GALLEY_CONFIG_PATH: "" }).given.size).toBe(0);
  });

  test("leaves out what Kubernetes sets for a Service of that name", () => {
    const { given, notices } = readEnvironment(serverOptions, { GALLEY_MONITORING_PORT: "tcp://10.0.0.7:15014" });
    expect(given.size).toBe(0);
    expect(notices).toEqual([expect.stringContaining("GALLEY_MONITORING_PORT=tcp://10.0.0.7:15014 is left out")]);
  });

  test("warns of a variable that is nearly one of ours", () => {
    expect(readEnvironment(serverOptions, { GALLEY_CONFIGPATH: "/c" }).notices).toEqual([
      "environment variable GALLEY_CONFIGPATH sets nothing; did you mean GALLEY_CONFIG_PATH?",
    ]);
  });

  test("says nothing of variables that mean something else", () => {
    const env = { GALLEY_SERVICE_HOST: "10.0.0.7", GALLEY_PORT_9901_TCP_ADDR: "10.0.0.7", GALLEY_HOME: "/opt" };
    expect(readEnvironment(serverOptions, env)).toEqual({ given: new Map(), notices: [] });
  });
});
