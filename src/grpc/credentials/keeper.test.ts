import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { issue, type Certificate } from "../testing/certificates.ts";
import { RecordingLogger } from "../testing/recording.ts";
import type { Credentials, CredentialsVerdict } from "../tls.ts";
import { openCredentials, type CredentialKeeper } from "./keeper.ts";
import { DatedClock } from "./testing/clock.ts";
import { TestFolder } from "./testing/folder.ts";

const authority = issue({ name: "authority", authority: true });
const newAuthority = issue({ name: "new authority", authority: true });
const galley = issue({ name: "galley", issuer: authority });
const newGalley = issue({ name: "new galley", issuer: newAuthority });

let folder: TestFolder;
let clock: DatedClock;
let log: RecordingLogger;
let used: Credentials[];
let seen: string[];

beforeEach(async () => {
  folder = await TestFolder.make();
  clock = new DatedClock();
  log = new RecordingLogger();
  used = [];
  seen = [];
});
afterEach(() => folder[Symbol.asyncDispose]());

function contents(own: Certificate, ca: string = authority.cert): Record<string, string> {
  return { "cert.pem": own.cert, "key.pem": own.key, "root.pem": ca };
}

async function write(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await folder.write(name, text);
}

async function open(
  use: (credentials: Credentials) => CredentialsVerdict = () => ({ ok: true }),
): Promise<CredentialKeeper> {
  const files = { ca: folder.at("root.pem"), key: folder.at("key.pem"), cert: folder.at("cert.pem") };
  const observer = { reloaded: () => void seen.push("reloaded"), refused: () => void seen.push("refused") };
  const opened = await openCredentials({ files, clock, log, observer });
  if (!opened.ok) throw new Error(JSON.stringify(opened.faults));
  opened.keeper.follow((credentials) => {
    used.push(credentials);
    return use(credentials);
  });
  return opened.keeper;
}

const inService = (own: Certificate, ca: string = authority.cert): Credentials => ({
  cert: own.cert,
  key: own.key,
  ca: [ca],
});

describe("at the start", () => {
  test("credentials are read and handed over, with the demand for a client certificate", async () => {
    await write(contents(galley));
    await using keeper = await open();
    expect(keeper.tls).toEqual({ ...inService(galley), requestCert: true });
    expect(used).toEqual([inService(galley)]);
    expect(log.lines).toEqual([]);
  });

  test("files that can't be used are a verdict, and leave nothing running", async () => {
    const files = { ca: folder.at("root.pem"), key: folder.at("key.pem"), cert: folder.at("cert.pem") };
    const opened = await openCredentials({ files, clock, log });
    expect(opened).toMatchObject({
      ok: false,
      faults: [{ code: "ca-missing" }, { code: "key-missing" }, { code: "cert-missing" }],
    });
    expect(clock.pending).toBe(0);
  });

  test("a certificate that has expired is used and told of", async () => {
    const expired = issue({ name: "old", issuer: authority, years: 1 });
    await write(contents(expired));
    await using keeper = await open();
    expect(keeper.tls.cert).toBe(expired.cert);
    expect(log.at("warn").map(({ message }) => message)).toEqual([expect.stringContaining("expired on 2021-01-01")]);
    await keeper.look();
    expect(log.at("warn")).toHaveLength(1);
  });
});

describe("replaced files", () => {
  test("are taken up as one set, however they were replaced", async () => {
    await folder.mount(contents(galley));
    await using keeper = await open();
    await folder.mount(contents(newGalley, newAuthority.cert));
    await keeper.look();
    expect(used.slice(1)).toEqual([inService(newGalley, newAuthority.cert)]);
    expect(keeper.tls).toMatchObject(inService(newGalley, newAuthority.cert));
    expect(seen).toEqual(["reloaded"]);
    expect(log.at("info")).toMatchObject([
      { message: expect.stringContaining("TLS credentials replaced"), fields: { expires: "2049-01-01 00:00 UTC" } },
    ]);
  });

  test("are taken up when only the authorities change, and not when nothing does", async () => {
    await write(contents(galley));
    await using keeper = await open();
    await write(contents(galley));
    await keeper.look();
    expect(used).toHaveLength(1);
    await write(contents(galley, newAuthority.cert));
    await keeper.look();
    expect(used.slice(1)).toEqual([inService(galley, newAuthority.cert)]);
  });

  test("are seen without being asked for", async () => {
    await write(contents(galley));
    await using keeper = await open();
    await write(contents(newGalley));
    clock.advance(5_000);
    // The look reads files, which takes its time; it sets a timer when it is done.
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(used).toHaveLength(1);
    clock.advance(1_000);
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(keeper.tls).toMatchObject(inService(newGalley));
  });

  test("written one by one are not complained of when they are whole a second later", async () => {
    await write(contents(galley));
    await using keeper = await open();
    await folder.write("key.pem", newGalley.key);
    clock.advance(5_000);
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    await folder.write("cert.pem", newGalley.cert);
    clock.advance(1_000);
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1_000);
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    expect([log.at("error"), seen]).toEqual([[], ["reloaded"]]);
    expect(keeper.tls).toMatchObject(inService(newGalley));
  });

  test("that can't be used change nothing: told once, and again when they are mended", async () => {
    await write(contents(galley));
    await using keeper = await open();
    await folder.write("key.pem", newGalley.key);
    for (let i = 0; i < 3; i++) await keeper.look();
    expect(keeper.tls).toMatchObject(inService(galley));
    expect([used.length, seen]).toEqual([1, ["refused"]]);
    expect(log.at("error").map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^new TLS credentials refused, the old ones stay in service: the private key in .* does not/,
      ),
    ]);

    await folder.write("cert.pem", newGalley.cert);
    await keeper.look();
    expect(keeper.tls).toMatchObject(inService(newGalley));
    expect(seen).toEqual(["refused", "reloaded"]);
    expect(log.at("info")[0]!.message).toContain("the TLS files can be used again and are in service");
  });

  test("that vanish or turn to something else are told each time anew, and what comes back is told too", async () => {
    await write(contents(galley));
    await using keeper = await open();
    await folder.remove("root.pem");
    await keeper.look();
    await folder.write("root.pem", "");
    await keeper.look();
    await folder.write("root.pem", authority.cert);
    await keeper.look();
    expect(log.at("error").map(({ message }) => message)).toEqual([
      expect.stringContaining("there is no such file"),
      expect.stringContaining("it holds no certificate in PEM"),
    ]);
    expect(log.at("info").map(({ message }) => message)).toEqual(["the TLS files hold again what is in service"]);
    expect([used.length, seen]).toEqual([1, ["refused", "refused"]]);
  });

  test("that the server turns down are refused like others", async () => {
    await write(contents(galley));
    await using keeper = await open(({ cert }) => (cert === galley.cert ? { ok: true } : { ok: false, reason: "no" }));
    await write(contents(newGalley));
    await keeper.look();
    expect(keeper.tls.cert).toBe(galley.cert);
    expect([seen, log.at("error")[0]!.message]).toEqual([
      ["refused"],
      "new TLS credentials refused, the old ones stay in service: no",
    ]);
  });
});

describe("a replacement that is not valid now", () => {
  const expired = issue({ name: "expired", issuer: authority, years: 1 });
  const early = issue({ name: "early", issuer: authority, from: 2027 });

  test("does not take the place of a certificate that is, if it has expired", async () => {
    await write(contents(galley));
    await using keeper = await open();
    await write(contents(expired));
    for (let i = 0; i < 3; i++) await keeper.look();
    expect(keeper.tls).toMatchObject(inService(galley));
    expect([used.length, seen]).toEqual([1, ["refused"]]);
    expect(log.lines.map(({ message }) => message)).toEqual([
      "new TLS credentials refused, the old ones stay in service: " +
        `the certificate in ${folder.at("cert.pem")} expired on 2021-01-01 00:00 UTC; put one there that is valid`,
    ]);

    await write(contents(newGalley));
    await keeper.look();
    expect(keeper.tls).toMatchObject(inService(newGalley));
    expect(seen).toEqual(["refused", "reloaded"]);
  });

  test("is put in service once its time has come, without any change of the files", async () => {
    await write(contents(galley));
    await using keeper = await open();
    await write(contents(early));
    await keeper.look();
    expect(keeper.tls).toMatchObject(inService(galley));
    expect(log.at("error")[0]!.message).toContain(
      "is not valid before 2027-01-01 00:00 UTC; it is put in service then",
    );

    clock.advance(Date.parse("2027-01-01") - clock.wall());
    await keeper.look();
    expect(keeper.tls).toMatchObject(inService(early));
    expect(seen).toEqual(["refused", "reloaded"]);
    expect(log.at("info")[0]!.message).toContain("the TLS files can be used again and are in service");
    expect(log.at("warn")).toEqual([]);
  });

  test("replaces one that is not valid either, and one that no longer is", async () => {
    const short = issue({ name: "short", issuer: authority, years: 7 });
    await write(contents(expired));
    await using keeper = await open();
    await write(contents(early));
    await keeper.look();
    expect(keeper.tls).toMatchObject(inService(early));
    await write(contents(short));
    await keeper.look();
    await write(contents(expired));
    await keeper.look();
    expect([keeper.tls.cert, seen]).toEqual([short.cert, ["reloaded", "reloaded", "refused"]]);

    clock.advance(Date.parse("2027-01-02") - clock.wall());
    await keeper.look();
    expect([keeper.tls.cert, seen.slice(3)]).toEqual([expired.cert, ["reloaded"]]);
    expect(log.at("warn").at(-1)!.message).toContain("expired on 2021-01-01");
  });

  test("is not waited for when other files take its place", async () => {
    await write(contents(galley));
    await using keeper = await open();
    await write(contents(early));
    await keeper.look();
    await write(contents(galley));
    await keeper.look();
    clock.advance(Date.parse("2027-01-01") - clock.wall());
    await keeper.look();
    expect([keeper.tls.cert, seen]).toEqual([galley.cert, ["refused"]]);
  });
});

test("whoever asks is told why files are refused, also when that was before, and when nothing is any more", async () => {
  await write(contents(galley));
  await using keeper = await open();
  await folder.write("key.pem", newGalley.key);
  await keeper.look();
  const told: unknown[] = [];
  keeper.onRefusal((refusal) => told.push(refusal));
  await folder.write("key.pem", "");
  await keeper.look();
  await folder.write("key.pem", galley.key);
  await keeper.look();
  expect(told).toEqual([
    expect.stringContaining("does not belong to the certificate"),
    expect.stringContaining("it holds no private key"),
    undefined,
  ]);
  expect(log.at("error")).toHaveLength(1);
});

test("a certificate that comes near its end while in service is told of once", async () => {
  clock = new DatedClock("2023-08-01");
  const galley = issue({ name: "galley", issuer: authority, years: 4 });
  await write(contents(galley));
  await using keeper = await open();
  expect(log.lines).toEqual([]);
  clock.advance(60 * 24 * 3_600_000);
  await keeper.look();
  await keeper.look();
  expect(log.at("warn").map(({ message }) => message)).toEqual([expect.stringContaining("expires on 2024-01-01")]);
});

test("nothing runs once it is disposed", async () => {
  await write(contents(galley));
  const keeper = await open();
  await keeper[Symbol.asyncDispose]();
  await write(contents(newGalley));
  await keeper.look();
  expect([used.length, clock.pending]).toEqual([1, 0]);
});
