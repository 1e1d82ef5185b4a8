import type { InputOptions, OutputOptions } from "rolldown";

type Build = InputOptions & { readonly output: OutputOptions };

export const program: Build;
export const builds: readonly Build[];
