import { describe, expect, test } from "vitest";
import { parseLine } from "../command/parse.ts";
import { decode, defaultValue, encode } from "./codec.ts";
import { environmentName, flagNames, missingFeature, type OptionSpec, type OptionTable } from "./option.ts";
import { serverOptions } from "./table.ts";
import { commonOptions } from "./table/common.ts";

const table: OptionTable = { ...serverOptions, ...commonOptions };
const entries = Object.entries(table);

/** Every flag of Galley 1.3.6 that `server` takes, with its default there. */
const former: readonly (readonly [flag: string, text: string])[] = [
  ["config", ""],
  ["log_target", "stdout"],
  ["log_rotate", ""],
  ["log_rotate_max_age", "30"],
  ["log_rotate_max_size", "104857600"],
  ["log_rotate_max_backups", "1000"],
  ["log_as_json", "false"],
  ["log_output_level", "default:info"],
  ["log_stacktrace_level", "default:none"],
  ["log_caller", ""],
  ["help", "false"],
  ["kubeconfig", ""],
  ["resyncPeriod", "0s"],
  ["tlsCertFile", "/etc/certs/cert-chain.pem"],
  ["tlsKeyFile", "/etc/certs/key.pem"],
  ["caCertFile", "/etc/certs/root-cert.pem"],
  ["livenessProbePath", "/healthLiveness"],
  ["livenessProbeInterval", "2s"],
  ["readinessProbePath", "/healthReadiness"],
  ["readinessProbeInterval", "2s"],
  ["monitoringPort", "15014"],
  ["enableProfiling", "false"],
  ["pprofPort", "9094"],
  ["server-address", "tcp://0.0.0.0:9901"],
  ["server-maxReceivedMessageSize", "1048576"],
  ["server-maxConcurrentStreams", "1024"],
  ["insecure", "false"],
  ["enable-server", "true"],
  ["accessListFile", "/etc/config/accesslist.yaml"],
  ["configPath", ""],
  ["meshConfigFile", "/etc/mesh-config/mesh"],
  ["domain", "cluster.local"],
  ["disableResourceReadyCheck", "false"],
  ["excludedResourceKinds", "Endpoints,Namespace,Node,Pod,Service"],
  ["sinkAddress", ""],
  ["sinkAuthMode", ""],
  ["sinkMeta", ""],
  ["enableServiceDiscovery", "false"],
  ["useOldProcessor", "true"],
  ["validation-webhook-config-file", ""],
  ["validation-port", "443"],
  ["enable-validation", "true"],
  ["enable-reconcileWebhookConfiguration", "true"],
  ["deployment-namespace", "istio-system"],
  ["deployment-name", "istio-galley"],
  ["service-name", "istio-galley"],
  ["webhook-name", "istio-galley"],
  ["ctrlz_port", "9876"],
  ["ctrlz_address", "localhost"],
  ["validation.tls.clientCertificate", ""],
  ["validation.tls.privateKey", ""],
  ["validation.tls.caCertificates", ""],
];

/** Where a default of 1.3.6 would promise what isn't there, or is a mistake of its own. */
const changedDefaults = [
  "livenessProbePath",
  "readinessProbePath",
  "enable-reconcileWebhookConfiguration",
  "enable-validation",
  "log_rotate_max_size",
  "log_as_json",
  "server-address",
];

function specOf(flag: string, text: string): OptionSpec {
  const [key] = [...parseLine(table, [`--${flag}=${text}`]).flags.keys()];
  return table[key!]!;
}

describe("a flag of Galley 1.3.6", () => {
  test.each(former)("--%s parses, and its default of then can be read", (flag, text) => {
    expect(decode(specOf(flag, text), [text])).toMatchObject({ ok: true });
  });

  test("keeps its default, but for those that are listed with a reason", () => {
    const changed = former.filter(([flag, text]) => {
      const spec = specOf(flag, text);
      const decoded = decode(spec, [text]);
      return !decoded.ok || encode(spec, decoded.value) !== encode(spec, defaultValue(spec));
    });
    expect(changed.map(([flag]) => flag).sort()).toEqual(changedDefaults.sort());
  });

  test("is in this table, or the option is one of ours", () => {
    const names = new Set<string>(former.map(([flag]) => flag));
    const ours = entries.filter(([, spec]) => !flagNames(spec).some((name) => names.has(name)));
    expect(ours.map(([, { name }]) => name)).toEqual([
      "cache-dir",
      "xds-address",
      "xds-allow",
      "xds-tls-cert-file",
      "xds-tls-key-file",
      "xds-max-received-message-size",
      "incremental",
      "push-deadline",
      "large-push-size",
      "monitoring-address",
    ]);
  });
});

describe("an option", () => {
  test.each(entries)("%s is named in kebab-case after its key", (key, spec) => {
    expect(spec.name).toBe(key.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`));
    expect(spec.formerName).not.toBe(spec.name);
  });

  test.each(entries)("%s has only known properties", (_, spec) => {
    const known =
      "name formerName short kind default doc metavar group choices min max aliases secret from status".split(" ");
    expect(known).toEqual(expect.arrayContaining(Object.keys(spec)));
  });

  test.each(entries)("%s has a default that it writes as it reads it", (_, spec) => {
    expect(encode(spec, defaultValue(spec))).toBe(spec.default);
  });

  test.each(entries)("%s is explained by a sentence, and has a heading if it works", (_, spec) => {
    expect(spec.doc).toMatch(/^[A-Z].*\.$/u);
    expect(spec.group === undefined).toBe(missingFeature(spec) !== undefined);
  });

  test("shares no flag, environment variable or key of the config file with another", () => {
    const flags = entries.flatMap(([, spec]) => [
      ...flagNames(spec),
      ...(spec.short === undefined ? [] : [spec.short]),
    ]);
    const variables = entries.map(([, spec]) => environmentName(spec)).filter((name) => name !== undefined);
    const keys = entries.flatMap(([, spec]) => [...flagNames(spec), ...(spec.aliases ?? [])]);
    for (const names of [flags, variables, keys]) {
      const lower = names.map((name) => name.toLowerCase());
      expect(lower).toHaveLength(new Set(lower).size);
    }
  });
});

test("the environment variable of an option is named after its flag", () => {
  expect(environmentName(serverOptions.serverMaxConcurrentStreams)).toBe("GALLEY_SERVER_MAX_CONCURRENT_STREAMS");
  expect(environmentName(commonOptions.help)).toBeUndefined();
});
