/** How today's istiod and other ADS clients are served. */
export const xdsOptions = {
  xdsAddress: {
    name: "xds-address",
    kind: "text",
    metavar: "ADDRESS",
    default: "",
    group: "Serving",
    doc: "Also serve MCP-over-xDS here to clients without an identity, as istiod is: tcp://host:port or unix:///path.",
  },
  xdsAllow: {
    name: "xds-allow",
    kind: "list",
    metavar: "NETWORK,…",
    default: "",
    group: "Serving",
    doc: "Who may connect to --xds-address, as networks (10.0.0.0/8) or addresses; this machine only, unless said.",
  },
  xdsTlsCertFile: {
    name: "xds-tls-cert-file",
    kind: "file",
    default: "",
    group: "Serving",
    doc: "Certificate chain for --xds-address, in PEM; plaintext without.",
  },
  xdsTlsKeyFile: {
    name: "xds-tls-key-file",
    kind: "file",
    default: "",
    group: "Serving",
    doc: "Private key of that certificate, in PEM.",
  },
  xdsMaxReceivedMessageSize: {
    name: "xds-max-received-message-size",
    kind: "bytes",
    // A delta client that resumes 100,000 resources names them all in a first request of some 5 MiB.
    default: "16777216",
    min: 1_024,
    max: 1_073_741_824,
    group: "Serving",
    doc: "Largest message accepted from a client of --xds-address.",
  },
} as const;
