// What users of the package write: must compile.
import * as YAML from 'yaml';
import {
  get_trigger_config_schema, inspect_template, render_payload, restore_trigger_hmac_excluded_fields,
  strip_trigger_hmac_excluded_fields, TemplateError, validate_flow,
} from '@weir/web';
import type {Originals, Problem, TemplatePlace, ValidateOptions, YamlParser} from '@weir/web';

const schema: Record<string, unknown> = get_trigger_config_schema();
const {stripped, originals} = strip_trigger_hmac_excluded_fields('{"config": []}');
const kept: Originals = originals;
const restored: string = restore_trigger_hmac_excluded_fields(stripped, kept);

const parser: YamlParser = YAML;
const options: ValidateOptions = {yaml: parser, files: {'more.yaml': ''}, strict: true};
const problems: Problem[] = [...validate_flow(restored), ...validate_flow('', {}), ...validate_flow('', options)];
for (const {severity, code, file, line, column, pointer, message, remedy} of problems) {
  const where: string = `${file}:${line + column}${pointer}`;
  if (severity === 'error') console.error(where, code, message, remedy);
}

try {
  const text: string = render_payload('{{a}}', {a: [1, null, 'x']});
  console.log(text.length, schema);
} catch (error) {
  if (error instanceof TemplateError) console.error(error.line, error.column, error.message, error.name);
}
const {paths, problems: mistakes}: {paths: string[]; problems: TemplatePlace[]} = inspect_template('{{a}}');
console.log(paths.join(), mistakes.map(({line, column, message}) => `${line}:${column}: ${message}`));
