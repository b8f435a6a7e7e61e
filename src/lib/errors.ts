/**
 * What a code promises. `usage`: the command line or the environment asks for something that can't be understood or
 * isn't there. `operational`: the request is clear, the world doesn't allow it. `bug`: neither; please report it.
 */
export interface ErrorSpec {
  readonly family: "usage" | "operational" | "bug";
  /** Whether trying the same thing again later can succeed. */
  readonly retry: "never" | "backoff";
  readonly meaning: string;
  readonly remedy: string;
}

/** Every code that Galley fails with; `docs/errors.md` is made from it. */
export const errorTable = {
  GLY_UNKNOWN_COMMAND: {
    family: "usage",
    retry: "never",
    meaning: "The word after `galley` names no command.",
    remedy: "`galley help` lists the commands.",
  },
  GLY_UNKNOWN_FLAG: {
    family: "usage",
    retry: "never",
    meaning: "The command has no flag of that name.",
    remedy: "`galley help COMMAND` lists its flags.",
  },
  GLY_ARGUMENT: {
    family: "usage",
    retry: "never",
    meaning: "A positional argument is missing, or there is one too many.",
    remedy: "`galley help COMMAND` shows what the command takes. A value belongs to its flag: `--flag=value`.",
  },
  GLY_VALUE: {
    family: "usage",
    retry: "never",
    meaning: "A flag or an environment variable has a value that can't be read.",
    remedy: "The message says what is expected.",
  },
  GLY_NOT_BUILT: {
    family: "usage",
    retry: "never",
    meaning: "A setting of Galley 1.3.6 asks for a feature that this release doesn't have.",
    remedy: "Remove the setting. Its default value is accepted, so scripts may keep it at that.",
  },
  GLY_NO_SOURCE: {
    family: "operational",
    retry: "never",
    meaning: "Nothing says where configuration is to be read from.",
    remedy: "Give a folder with `--config-path`.",
  },
  GLY_NO_TLS: {
    family: "operational",
    retry: "never",
    meaning: "TLS can't be set up from the files with the certificates.",
    remedy:
      "Correct the file that the message names. `galley server --insecure` serves plaintext. See docs/security.md.",
  },
  GLY_ACCESS_LIST: {
    family: "operational",
    retry: "never",
    meaning: "The access list, which says what sinks are served over TLS, can't be read or is none.",
    remedy: "Correct it at the place that the message names. Without the file every verified sink is served.",
  },
  GLY_SINK_CREDENTIALS: {
    family: "operational",
    retry: "backoff",
    meaning: "Sinks are to be called with `--sink-auth-mode=GOOGLE`, and no Google credentials are found.",
    remedy:
      "Name a file with `GOOGLE_APPLICATION_CREDENTIALS`, or run where there is a metadata server. See docs/call-out.md.",
  },
  GLY_CONFIG_FILE_UNREADABLE: {
    family: "operational",
    retry: "never",
    meaning: "The file given with `--config` can't be read, or is too large to be a config file.",
    remedy: "Check its path, its permissions and its size.",
  },
  GLY_CONFIG_FILE_FORMAT: {
    family: "operational",
    retry: "never",
    meaning: "The extension of the config file names a format that isn't supported.",
    remedy: "Write it as YAML or JSON: `.yaml`, `.yml` or `.json`.",
  },
  GLY_CONFIG_FILE_SYNTAX: {
    family: "operational",
    retry: "never",
    meaning: "The config file isn't a YAML or JSON document of keys and values.",
    remedy: "Correct it at the line that the message names.",
  },
  GLY_CONFIG_FILE_VALUE: {
    family: "operational",
    retry: "never",
    meaning: "A key of the config file has a value that can't be read, or a setting is given twice.",
    remedy: "Correct it at the line that the message names.",
  },
  GLY_LOG_TARGET: {
    family: "operational",
    retry: "never",
    meaning: "A file that the log is to be written to can't be opened.",
    remedy: "Check that its folder exists and may be written to.",
  },
  GLY_OUTPUT: {
    family: "operational",
    retry: "backoff",
    meaning: "What a command prints could not be written, or not all of it: a disk is full, or a device fails.",
    remedy: "Make room, or write it elsewhere. What was written is not whole.",
  },
  GLY_LISTEN: {
    family: "operational",
    retry: "backoff",
    meaning: "An address can't be listened on: it is taken, isn't one of this machine, or needs privileges.",
    remedy: "Stop the other process or choose another address.",
  },
  GLY_CONNECT: {
    family: "operational",
    retry: "backoff",
    meaning: "A server can't be reached, or ended the conversation.",
    remedy: "Check the address and that the server runs.",
  },
  GLY_UNSUPPORTED_COLLECTION: {
    family: "operational",
    retry: "never",
    meaning: "A server doesn't serve a collection that was asked for.",
    remedy: "Check the collection's name, and what the server was told to leave out.",
  },
  GLY_TIMEOUT: {
    family: "operational",
    retry: "backoff",
    meaning: "What was waited for didn't come within the time that was given.",
    remedy: "Check that the server runs and has what is asked for, or wait longer.",
  },
  GLY_NOT_FOUND: {
    family: "operational",
    retry: "never",
    meaning: "There is no resource of that name.",
    remedy: "`galley get COLLECTION` lists the names.",
  },
  GLY_NOT_EXAMINED: {
    family: "operational",
    retry: "never",
    meaning: "What `galley doctor` was to look at can't be read, or is no mesh config. It ends with status 2.",
    remedy: "Give a file or a folder that can be read. docs/doctor.md lists the forms of mesh config that are known.",
  },
  GLY_INTERNAL: {
    family: "bug",
    retry: "never",
    meaning: "Something that can't happen did: a bug in Galley.",
    remedy: "Please report it with the trace that follows the message.",
  },
} as const;

export type ErrorCode = keyof typeof errorTable;

/** Facts for a log record or a script; never secrets. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean>>;

export interface GalleyErrorOptions {
  readonly cause?: unknown;
  readonly details?: ErrorDetails;
  /** What to do in this very case; the remedy of the code stands in where there is none. */
  readonly hint?: string;
}

// A registered symbol, so that a check holds across two copies of this package.
const brand = Symbol.for("galley.error");

/** A failure that is nobody's bug: something outside is not as it would have to be. Expected outcomes are values instead. */
export class GalleyError extends Error {
  override readonly name: string = "GalleyError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, options: GalleyErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
    this.hint = options.hint ?? errorTable[code].remedy;
    Object.defineProperty(this, brand, { value: true });
  }

  get retry(): ErrorSpec["retry"] {
    return errorTable[this.code].retry;
  }

  /** True for an error of this class, whichever copy of the package made it. */
  static is(value: unknown): value is GalleyError {
    return typeof value === "object" && value !== null && brand in value;
  }
}
