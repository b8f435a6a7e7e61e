import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestFolder } from "../../grpc/credentials/testing/folder.ts";
import { issue } from "../../grpc/testing/certificates.ts";
import type { ClientTls } from "../../grpc/dial/tls.ts";
import { clientSecurity, type TlsFlags } from "./client-tls.ts";

const authority = issue({ name: "authority", authority: true });
const own = issue({ name: "sink", issuer: authority });
const nothing: TlsFlags = { insecure: "auto", caCertFile: "", tlsCertFile: "", tlsKeyFile: "", serverName: "" };

let folder: TestFolder;
let files: Pick<TlsFlags, "caCertFile" | "tlsCertFile" | "tlsKeyFile">;
beforeEach(async () => {
  folder = await TestFolder.make();
  files = { caCertFile: folder.at("root.pem"), tlsCertFile: folder.at("sink.pem"), tlsKeyFile: folder.at("key.pem") };
  await folder.write("root.pem", authority.cert);
  await folder.write("sink.pem", own.cert);
  await folder.write("key.pem", own.key);
});
afterEach(async () => folder[Symbol.asyncDispose]());

function read(flags: Partial<TlsFlags>): Promise<ClientTls> {
  return clientSecurity({ ...nothing, ...flags })!.read();
}

describe("whether a server is reached over TLS", () => {
  test.each<[Partial<TlsFlags>, boolean]>([
    [{}, false],
    [{ insecure: true }, false],
    [{ insecure: false }, true],
    [{ caCertFile: "root.pem" }, true],
    [{ serverName: "galley" }, true],
    [{ tlsCertFile: "a", tlsKeyFile: "b" }, true],
    [{ insecure: false, serverName: "galley" }, true],
  ])("%j: %s", (flags, expected) => {
    expect(clientSecurity({ ...nothing, ...flags }) !== undefined).toBe(expected);
  });

  test.each<[Partial<TlsFlags>, RegExp]>([
    [{ insecure: true, caCertFile: "root.pem" }, /--insecure is plaintext/],
    [{ tlsCertFile: "sink.pem" }, /given together/],
    [{ tlsKeyFile: "key.pem", insecure: false }, /given together/],
  ])("%j contradicts itself", (flags, message) => {
    expect(() => clientSecurity({ ...nothing, ...flags })).toThrow(
      expect.objectContaining({ code: "GLY_VALUE", message: expect.stringMatching(message) }),
    );
  });
});

describe("the files", () => {
  test("are read as they are now", async () => {
    const security = clientSecurity({ ...nothing, ...files, serverName: "galley.example" })!;
    expect(await security.read()).toMatchObject({ ca: [authority.cert], cert: own.cert, serverName: "galley.example" });
    const next = issue({ name: "next", issuer: authority });
    await folder.write("sink.pem", next.cert);
    await folder.write("key.pem", next.key);
    expect(await security.read()).toMatchObject({ cert: next.cert });
  });

  test("need not be given: Node's authorities, and no certificate", async () => {
    expect(await read({ insecure: false })).toEqual({});
  });

  const encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
  test.each<[string, string, string, RegExp, RegExp]>([
    ["authorities that are none", "root.pem", "nothing", /authorities in .*root\.pem .*no certificate/, /BEGIN CERT/],
    ["a certificate that is none", "sink.pem", "nothing", /certificate in .*sink\.pem .*no certificate/, /BEGIN CERT/],
    ["a key of another", "key.pem", authority.key, /key\.pem does not belong to .*sink\.pem/, /key of the first/],
    ["a key with a passphrase", "key.pem", encrypted, /key\.pem .*passphrase/, /openssl pkey/],
  ])("with %s are refused, and it is said what to do", async (_, name, text, message, hint) => {
    await folder.write(name, text);
    await expect(read(files)).rejects.toMatchObject({
      code: "GLY_NO_TLS",
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });

  test("that are not there are named", async () => {
    for (const [name, role] of [
      ["root.pem", "authorities"],
      ["sink.pem", "certificate"],
      ["key.pem", "private key"],
    ] as const) {
      await folder.remove(name);
      await expect(read(files)).rejects.toThrow(`there is no file ${folder.at(name)} with the ${role}`);
      await folder.write(name, name === "root.pem" ? authority.cert : name === "sink.pem" ? own.cert : own.key);
    }
  });

  test("with a certificate that has expired are refused with the day", async () => {
    const old = issue({ name: "old", issuer: authority, years: 1 });
    await folder.write("sink.pem", old.cert);
    await folder.write("key.pem", old.key);
    await expect(read(files)).rejects.toThrow(`the certificate in ${folder.at("sink.pem")} expired on 2021-01-01`);
  });
});
