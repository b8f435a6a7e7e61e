import type { CommandOutline } from "../command/command.ts";

const options = {
  istiod: {
    name: "istiod",
    kind: "text",
    default: "",
    metavar: "URL",
    group: "Mesh config",
    doc: "Ask a running istiod instead, at its monitoring port, such as http://127.0.0.1:15014.",
  },
  istioVersion: {
    name: "istio-version",
    kind: "text",
    default: "",
    metavar: "VERSION",
    group: "Mesh config",
    doc: "Release of istiod, such as 1.25; unless given, what the file or the istiod tells.",
  },
  revision: {
    name: "revision",
    kind: "text",
    default: "",
    metavar: "NAME",
    group: "Mesh config",
    doc: "Revision of istiod; unless given, what the file tells.",
  },
  configPath: {
    name: "config-path",
    kind: "folder",
    default: "",
    group: "Configuration",
    doc: "Folder of YAML files that Galley would serve: sizes and resources are examined too.",
  },
  admin: {
    name: "admin",
    short: "a",
    kind: "text",
    default: "",
    metavar: "HOST:PORT",
    group: "Configuration",
    doc: "The same for what a running Galley serves, asked at its introspection port, its --ctrlz-port.",
  },
  connect: {
    name: "connect",
    kind: "switch",
    default: "false",
    group: "Connection",
    doc: "Connect to every xds:// address, from this machine, with the TLS that istiod would use.",
  },
  timeout: {
    name: "timeout",
    kind: "duration",
    default: "5s",
    group: "Connection",
    doc: "How long to wait for an istiod, and for each connection.",
  },
  output: {
    name: "output",
    short: "o",
    kind: "choice",
    choices: ["text", "json", "yaml"],
    default: "text",
    group: "Output",
    doc: "text: for people; json and yaml: the same for a program.",
  },
  strict: {
    name: "strict",
    kind: "switch",
    default: "false",
    group: "Output",
    doc: "End with status 1 for warnings too.",
  },
} as const;

/** All of `galley doctor` but what it does. */
export const doctorOutline: CommandOutline<typeof options> = {
  name: "doctor",
  summary: "Tell what would go wrong with an istiod that Galley feeds over xDS",
  description: [
    "Reads the mesh config of an istiod, and explains what would happen with its config sources: what istiod silently passes over, what goes in plaintext, what ends it, and what its release can't do. Nothing is changed anywhere, and nothing is connected to unless asked for.",
    "FILE is a MeshConfig, the ConfigMap istio, a list of ConfigMaps, Helm values, an IstioOperator or an Istio resource of the Sail operator, as YAML or JSON. Every mesh config in it is examined.",
    "Ends with status 0 if nothing is wrong, 1 if there is an error (with --strict also a warning), and 2 if what was given can't be examined.",
  ],
  examples: [
    { line: "galley doctor mesh.yaml --istio-version 1.25", doc: "Examine a file for an istiod of that release." },
    {
      line: "kubectl -n istio-system get configmap istio -o yaml | galley doctor -",
      doc: "Examine what is in the cluster.",
    },
    { line: "galley doctor --istiod http://127.0.0.1:15014", doc: "Ask a running istiod, behind a forwarded port." },
    {
      line: "galley doctor values.yaml --config-path ./config --connect",
      doc: "Also measure what would be served, and try whether Galley answers.",
    },
  ],
  options,
  positionals: [{ name: "FILE", doc: "The file with the mesh config, or - for standard input.", required: false }],
  layers: "flags",
};
