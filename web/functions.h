// What a page can ask of weir, on texts: the bodies of the functions that abi.cc exports under the
// same names. Answers are JSON texts unless said otherwise. package/index.d.ts is the contract that
// users read.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::web {

// {stripped, originals}: a text and an array; errors as of secrets/draft_fields.h.
Result<std::string> strip_triggers(std::string_view triggers);

// `request`: {text, files: {path: text}, yaml, strict}. The catalog's first file is flow.yaml, or
// flow.json where `yaml` is false: then every file must be JSON. An array of problems, as of
// catalog/validate.h. kInvalid: a request of another form.
Result<std::string> validate_flow(std::string_view request);

// The rendered text itself. kInvalid: {line, column, message} as JSON, of the template's place; no
// line where it is the variables that are no JSON.
Result<std::string> render_payload(std::string_view text, std::string_view variables);

// {paths, problems: [{line, column, message}]}. One that does not parse has one problem, no paths.
std::string inspect_template(std::string_view text);

}  // namespace weir::web
