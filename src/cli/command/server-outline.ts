import { GalleyError } from "../../lib/errors.ts";
import { formatAddress, isLoopback } from "../options/address.ts";
import { type ServerOptions, serverOptions } from "../options/table.ts";
import type { CommandOutline, CommandSettings, SettingsVerdict } from "./command.ts";

/** All of `galley server` but what it does. */
export const serverOutline: CommandOutline<ServerOptions> = {
  name: "server",
  summary: "Read mesh configuration and serve it to sinks",
  description: [
    "Reads the configuration in a folder, publishes it as snapshots, and sends every sink that connects what it " +
      "subscribed to, now and after each change. Runs until it is interrupted.",
    "Sinks connect over TLS and have to show a certificate that the authorities vouch for; the access list may say " +
      "which of them are served. With --insecure there is neither: whoever can connect is served in plaintext. Only " +
      "this machine can, unless --server-address says otherwise.",
  ],
  examples: [
    { line: "galley server --insecure --config-path ./config", doc: "Serve a folder to sinks on this machine." },
    {
      line: "galley server --insecure --config-path ./config --server-address tcp://0.0.0.0:9901",
      doc: "Serve it in plaintext to every machine that can connect.",
    },
    {
      line: "galley server --config-path ./config --server-address tcp://0.0.0.0:9901",
      doc: "Serve it to sinks anywhere, over TLS, with the certificates in /etc/certs.",
    },
    {
      line: "galley server --config galley.yaml --log-output-level mcp:debug",
      doc: "Take the settings from a file, and log every exchange with a sink.",
    },
  ],
  options: serverOptions,
  positionals: [],
  layers: "all",
  stopsInOrder: true,
};

const tlsFiles = ["tlsCertFile", "tlsKeyFile", "caCertFile", "accessListFile"] as const;

/** Refuses settings that can't be served with, and says what they may lead to. The files of TLS are read at the start. */
export function checkServer(settings: CommandSettings<ServerOptions>): SettingsVerdict {
  const { values } = settings;
  const problems: GalleyError[] = [];
  if (values.configPath === "") {
    problems.push(
      new GalleyError("GLY_NO_SOURCE", "nothing to serve: no folder with configuration is given", {
        hint: "give one with --config-path=DIR; reading from Kubernetes isn't in this release",
      }),
    );
  }
  if (!values.insecure) problems.push(...emptyPaths(values));
  return { problems, notices: values.insecure ? insecureNotices(settings) : secureNotices(settings) };
}

function emptyPaths(values: CommandSettings<ServerOptions>["values"]): readonly GalleyError[] {
  return tlsFiles
    .filter((key) => values[key] === "")
    .map((key) => {
      const { name, default: path, doc } = serverOptions[key];
      return new GalleyError("GLY_VALUE", `--${name} is empty`, { hint: `it is ${path} unless given: ${doc}` });
    });
}

function insecureNotices(settings: CommandSettings<ServerOptions>): readonly string[] {
  const { serverAddress } = settings.values;
  const notices = tlsFiles
    .filter((key) => settings.isGiven(key))
    .map((key) => `--${serverOptions[key].name} has no effect: --insecure switches TLS off`);
  if (isLoopback(serverAddress)) return notices;
  const address = formatAddress(serverAddress);
  return [
    ...notices,
    `${address} serves plaintext: whoever can connect reads all configuration, and on the way it can be changed`,
  ];
}

/** Who comes from 1.3.6 expects sinks of other machines to get through. */
function secureNotices(settings: CommandSettings<ServerOptions>): readonly string[] {
  if (settings.isGiven("serverAddress")) return [];
  const address = formatAddress(settings.values.serverAddress);
  return [`only this machine can connect to ${address}; --server-address=tcp://0.0.0.0:9901 serves others too`];
}
