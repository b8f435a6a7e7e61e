import { describe, expect, test } from "vitest";
import { resolveSettings } from "../options/resolve.ts";
import { serverOptions } from "../options/table.ts";
import { commonOptions } from "../options/table/common.ts";
import type { SettingsVerdict } from "./command.ts";
import { parseLine } from "./parse.ts";
import { checkServer } from "./server-outline.ts";

function check(...words: string[]): SettingsVerdict {
  const table = { ...serverOptions, ...commonOptions };
  const resolved = resolveSettings(table, [parseLine(table, words).flags]);
  if (!resolved.ok) throw new Error(String(resolved.problems));
  return checkServer(resolved.settings);
}

describe("checkServer", () => {
  test("has nothing to say of a folder served in plaintext on this machine", () => {
    expect(check("--insecure", "--configPath=x")).toEqual({ problems: [], notices: [] });
    expect(check("--insecure", "--configPath=x", "--server-address=unix:///s")).toEqual({ problems: [], notices: [] });
  });

  test("warns of plaintext that leaves the machine", () => {
    expect(check("--insecure", "--configPath=x", "--server-address=0.0.0.0:9901").notices).toEqual([
      expect.stringContaining("tcp://0.0.0.0:9901 serves plaintext"),
    ]);
  });

  test("has nothing to say of TLS at an address that somebody chose", () => {
    expect(check("--configPath=x", "--server-address=0.0.0.0:9901")).toEqual({ problems: [], notices: [] });
  });

  test("tells who relies on the address of 1.3.6 that this one serves this machine alone", () => {
    expect(check("--configPath=x").notices).toEqual([
      expect.stringMatching(/^only this machine can connect to tcp:\/\/127\.0\.0\.1:9901; --server-address=/u),
    ]);
  });

  test("tells that files of TLS are not looked at without it", () => {
    expect(check("--insecure", "--configPath=x", "--tlsKeyFile=k", "--access-list-file=a").notices).toEqual([
      "--tls-key-file has no effect: --insecure switches TLS off",
      "--access-list-file has no effect: --insecure switches TLS off",
    ]);
  });

  test("says everything that is missing at once, with what to do", () => {
    expect(check("--caCertFile=", "--server-address=:1").problems).toMatchObject([
      { code: "GLY_NO_SOURCE", hint: expect.stringContaining("--config-path=DIR") },
      {
        code: "GLY_VALUE",
        message: "--ca-cert-file is empty",
        hint: expect.stringContaining("/etc/certs/root-cert.pem"),
      },
    ]);
  });
});
