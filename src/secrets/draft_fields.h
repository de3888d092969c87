// Fields of a `triggers` block that may be edited without its secrets: they are taken out before
// the MAC is made or checked, and put back afterwards, by position. Pure; part of the browser
// build.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/value.h"

namespace weir::secrets {

// Names of a trigger's members outside the MAC, for messages. The first three stand there with
// placeholders ("" , "0s", 0), the others are left out. `interval` of the block is left out, too.
std::span<const std::string_view> excluded_trigger_fields();

// The block as the MAC sees it: members in order of name, `method` written even where it is the
// default, empty maps of headers and secrets left out, the fields above replaced or left out, and
// the member `sops` kept if `triggers` has one. Values keep their places; they live as long as the
// arena and `triggers`. kInvalid: not of the form {config: [{…}, …]}.
Result<json::Value> strip_trigger_fields(const json::Value& triggers, json::Arena& arena);

// The published pair, on JSON texts. What strip returns goes through encryption (which may add
// `sops` and rename headers), then restore puts the originals back: entry i into trigger i, and
// what has no partner is ignored. `originals` is for restore alone.
struct StrippedTriggers {
  std::string stripped;   // JSON text
  std::string originals;  // JSON text of an array, one entry per trigger
};
// kInvalid "invalid triggers JSON: …".
Result<StrippedTriggers> strip_trigger_hmac_excluded_fields(std::string_view triggers);
// kInvalid "invalid encrypted JSON: …" or "invalid originals: …".
Result<std::string> restore_trigger_hmac_excluded_fields(std::string_view encrypted,
                                                         std::string_view originals);

}  // namespace weir::secrets
