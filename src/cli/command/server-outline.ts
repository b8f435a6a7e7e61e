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
    "This release serves plaintext only, which --insecure has to confirm, and to this machine alone unless " +
      "--server-address says otherwise.",
  ],
  examples: [
    { line: "galley server --insecure --config-path ./config", doc: "Serve a folder to sinks on this machine." },
    {
      line: "galley server --insecure --config-path ./config --server-address tcp://0.0.0.0:9901",
      doc: "Serve it in plaintext to every machine that can connect.",
    },
    {
      line: "galley server --config galley.yaml --log-output-level mcp:debug",
      doc: "Take the settings from a file, and log every exchange with a sink.",
    },
  ],
  options: serverOptions,
  positionals: [],
  layers: "all",
};

/** Refuses what this release can't serve: no source, or TLS, which 1.3.6 asks for unless told otherwise. */
export function checkServer({ values }: CommandSettings<ServerOptions>): SettingsVerdict {
  const problems: GalleyError[] = [];
  const notices: string[] = [];
  if (values.configPath === "") {
    problems.push(
      new GalleyError("GLY_NO_SOURCE", "nothing to serve: no folder with configuration is given", {
        hint: "give one with --config-path=DIR; reading from Kubernetes isn't in this release",
      }),
    );
  }
  if (!values.insecure) {
    problems.push(
      new GalleyError("GLY_NO_TLS", "TLS isn't in this release, and plaintext wasn't asked for", {
        hint: "add --insecure to serve plaintext on this machine, and --server-address to serve it to others",
      }),
    );
  }
  if (values.insecure && !isLoopback(values.serverAddress)) {
    notices.push(
      `${formatAddress(values.serverAddress)} serves plaintext: whoever can connect reads all configuration, and on the way it can be changed`,
    );
  }
  return { problems, notices };
}
