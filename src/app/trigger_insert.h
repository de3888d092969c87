// Putting a trigger into the text of a catalog file: comments and layout stay as they are, and what
// cannot be edited with certainty is left alone.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "json/value.h"
#include "secrets/text_document.h"

namespace weir::app {

// The file's text with the item behind the last one of `triggers.config` of the materialization;
// both members are made where they are missing. The result was read again and differs from the
// document by that item alone. kInvalid: the place and why it is left alone, such as an alias, an
// encrypted block, or a comment that would be in the way.
Result<Secret> with_trigger(const std::string& path, const secrets::TextDocument& document,
                            std::string_view materialization, const json::Value& item);

// The block as YAML, to be pasted below the materialization by a person.
std::string block_to_paste(const json::Value& item);

}  // namespace weir::app
