declare const brand: unique symbol;

/** A string or number with a nationality: only the parser that mints it may cast to it. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
