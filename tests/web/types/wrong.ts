// Must not compile: an error for each line that ends in `wrong`, and no other.
import {
  inspect_template, render_payload, restore_trigger_hmac_excluded_fields, strip_trigger_hmac_excluded_fields,
  TemplateError, validate_flow,
} from '@weir/web';
import {decrypt} from '@weir/web';                                       // wrong

strip_trigger_hmac_excluded_fields({config: []});                        // wrong
restore_trigger_hmac_excluded_fields('{}', 'originals');                 // wrong
restore_trigger_hmac_excluded_fields('{}');                              // wrong
validate_flow('', {yml: undefined});                                     // wrong
validate_flow('', {files: ['flow.yaml']});                               // wrong
validate_flow('')[0].severity = 'hint';                                  // wrong
validate_flow('', {yaml: {parse: () => ({})}});                          // wrong
render_payload('{{a}}');                                                 // wrong
const count: number = render_payload('{{a}}', {});                       // wrong
inspect_template('{{a}}').paths.push(1);                                 // wrong
new TemplateError({line: 1, column: 1, message: ''}).line = 2;           // wrong
console.log(count, decrypt);
