import type { ValuesOf } from "./option.ts";
import { administrationOptions } from "./table/administration.ts";
import type { commonOptions } from "./table/common.ts";
import { pushingOptions } from "./table/pushing.ts";
import { servingOptions } from "./table/serving.ts";
import { sourceOptions } from "./table/sources.ts";
import { validationOptions } from "./table/validation.ts";
import { xdsOptions } from "./table/xds.ts";

/** The flags of `galley server` beside the common ones: all of 1.3.6, and ours. */
export const serverOptions: typeof sourceOptions &
  typeof servingOptions &
  typeof xdsOptions &
  typeof pushingOptions &
  typeof administrationOptions &
  typeof validationOptions = {
  ...sourceOptions,
  ...servingOptions,
  ...xdsOptions,
  ...pushingOptions,
  ...administrationOptions,
  ...validationOptions,
};

export type CommonOptions = typeof commonOptions;
export type ServerOptions = typeof serverOptions;

/** What `galley server` runs with. */
export type ServerValues = ValuesOf<CommonOptions & ServerOptions>;
