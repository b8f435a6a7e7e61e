import fc from "fast-check";
import { expect, test } from "vitest";
import { noColours } from "../terminal/colours.ts";
import { diagnosesJson } from "./diagnosis.ts";
import { formatReport } from "./report.ts";
import { MIB, sources, tls, well } from "./testing/cases.ts";
import { examineText, holding } from "./testing/examine-text.ts";

test.each([
  [tls("mode: MUTUAL"), "tls-mode-plaintext", "configSources.0.tlsSettings.mode", 3],
  [tls("caCertificates: x"), "tls-mode-plaintext", "configSources.0.tlsSettings", 3],
  [sources("xds://a:1", "galley:1"), "address-scheme-unknown", "configSources.1.address", 3],
  ["config_sources:\n- address: x\n", "address-scheme-unknown", "config_sources.0.address", 2],
])("%j has %s at %s", (text, id, path, line) => {
  const { findings } = examineText(text);
  const finding = findings.find((one) => one.id === id);
  expect(finding?.path.join(".")).toBe(path);
  expect(finding?.place).toMatchObject({ file: "mesh.yaml", line });
});

test.each([
  ["1.25", "error", "istiod 1.25 doesn't have it"],
  ["", "warning", "If istiod is older"],
])("TLS before 1.26 is spoken of according to what is known of the release: %j", (version, severity, words) => {
  const found = examineText(tls("mode: SIMPLE"), { version }).findings.find(({ id }) => id === "tls-unsupported");
  expect(found).toMatchObject({ severity, message: expect.stringContaining(words) });
});

test.each([
  [1 * MIB, "info", "up to 87.0 MiB"],
  [10 * MIB, "warning", "up to 870 MiB"],
])("a kind of %d bytes, pinned again and again, is %s", (bytes, severity, words) => {
  const configuration = holding({ Gateway: [10, bytes] });
  const found = examineText(well, { version: "1.25", configuration }).findings.find(
    ({ id }) => id === "responses-pinned",
  );
  expect(found).toMatchObject({ severity, message: expect.stringContaining(words) });
});

test("sizes that were reckoned are called so", () => {
  const configuration = holding({ Gateway: [100, 5 * MIB] }, { isEstimate: true });
  const found = examineText(well, { version: "1.11", configuration }).findings.find(
    ({ id }) => id === "message-too-large",
  );
  expect(found?.message).toContain("All 100 resources of kind Gateway make a message of about 5.0 MiB");
});

test("any mesh config gets a verdict that can be read, of a bounded length", () => {
  const word = fc.constantFrom(
    "configSources",
    "address",
    "tlsSettings",
    "mode",
    "SIMPLE",
    "subjectAltNames",
    "caCertificates",
  );
  const text = fc.oneof(word, fc.string(), fc.constantFrom("xds://a:1", "k8s://", `xds://${"a".repeat(100_000)}`));
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("any")),
      tie("object"),
    ),
    object: fc.dictionary(fc.oneof(word, fc.string()), tie("any")),
  })).any;
  const style = { paint: noColours, width: 80 };
  fc.assert(
    fc.property(
      value,
      fc.boolean(),
      fc.constantFrom("", "1.6", "1.11", "1.25", "1.30"),
      (configSources, isLive, version) => {
        const diagnosis = examineText(JSON.stringify({ configSources }), { isLive, version });
        expect(formatReport([diagnosis], style).length).toBeLessThan(300_000);
        expect(JSON.stringify(diagnosesJson([diagnosis]))).toContain('"counts"');
      },
    ),
  );
});
