/** How pushes are judged; Galley 1.3.6 has nothing like it. */
export const pushingOptions = {
  incremental: {
    name: "incremental",
    kind: "switch",
    default: "true",
    group: "Pushes",
    doc: "Send deltas to sinks that ask for them.",
  },
  pushDeadline: {
    name: "push-deadline",
    kind: "duration",
    default: "0s",
    group: "Pushes",
    doc: "End streams whose sinks owe an answer to a push for longer; 0s never does.",
  },
  largePushSize: {
    name: "large-push-size",
    kind: "bytes",
    default: "4194304",
    min: 1_024,
    max: 1_073_741_824,
    group: "Pushes",
    doc: "Warn of pushes larger than this: gRPC clients refuse messages over 4 MiB unless told otherwise. Istiods known to accept more are held to it only when it is given.",
  },
} as const;
