// weir's pure parts in a browser or in Node: everything happens in the page, nothing is sent.
// Importing the package loads `weir.wasm` from beside it; the functions answer at once.

// ---- the published functions; their errors are thrown as strings --------------------------------

/** JSON Schema (2019-09) of the `triggers` block of a materialization. */
export function get_trigger_config_schema(): Record<string, unknown>;

/** One entry per trigger, for `restore_trigger_hmac_excluded_fields` alone. */
export type Originals = unknown[];

/**
 * Takes out the fields that may be edited without the secrets: do this before encrypting.
 * @param triggers the block as JSON text
 * @throws string `invalid triggers JSON: …`
 */
export function strip_trigger_hmac_excluded_fields(triggers: string): {
  /** JSON text, to be encrypted as it is */
  stripped: string;
  originals: Originals;
};

/**
 * Puts them back, by position: entry i of `originals` into trigger i; what has no partner is ignored.
 * @param encrypted the encrypted block as JSON text
 * @returns JSON text
 * @throws string `invalid encrypted JSON: …` or `invalid originals: …`
 */
export function restore_trigger_hmac_excluded_fields(encrypted: string, originals: Originals): string;

// ---- weir's own ---------------------------------------------------------------------------------

export interface Problem {
  severity: 'error' | 'warning';
  /** E… or W…, as of `weir explain` */
  code: string;
  /** `flow.yaml` (`flow.json` without a YAML parser), or a name in `files` */
  file: string;
  /** From 1; 0 where the problem has no place. */
  line: number;
  column: number;
  /** JSON pointer inside of the file */
  pointer: string;
  message: string;
  /** what to do */
  remedy: string;
}

/** What is used of the npm package `yaml` (version 2): pass `import * as YAML from 'yaml'`. */
export interface YamlParser {
  parseDocument: (...args: any[]) => any;
  LineCounter: new () => any;
  isAlias: (node: unknown) => boolean;
  isCollection: (node: unknown) => boolean;
  isMap: (node: unknown) => boolean;
}

export interface ValidateOptions {
  /** Absent: the catalog is JSON. */
  yaml?: YamlParser;
  /** Texts of files that the catalog imports or names, by path. */
  files?: Record<string, string>;
  /** Warnings are errors. */
  strict?: boolean;
}

/**
 * All problems of a catalog, in order of place; what only its destination knows is not checked.
 * Columns of JSON count bytes of UTF-8, those of YAML what the parser counts: UTF-16.
 */
export function validate_flow(text: string, options?: ValidateOptions): Problem[];

export interface TemplatePlace {
  /** From 1; columns count characters. 0: the variables are no JSON value. */
  line: number;
  column: number;
  message: string;
}

export class TemplateError extends Error {
  readonly line: number;
  readonly column: number;
}

/**
 * The text that a payload template gives. That it is JSON is not checked.
 * @param variables any JSON value
 * @throws TemplateError what is wrong, and where
 */
export function render_payload(template: string, variables: unknown): string;

/** What a template reads ("tables.name"), and its mistakes that no data can mend. */
export function inspect_template(template: string): {paths: string[]; problems: TemplatePlace[]};
