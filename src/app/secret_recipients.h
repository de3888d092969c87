// For whom secrets are encrypted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/command.h"
#include "base/result.h"
#include "secrets/sops_stanza.h"

namespace weir::app {

// --recipient KEY…, WEIR_AGE_RECIPIENTS; the help tells what holds where none is named.
OptionInfo recipient_option(std::string_view default_value = "the rules of the nearest .sops.yaml");

// A stanza with the recipients' groups and nothing wrapped yet: those of --recipient, else of
// WEIR_AGE_RECIPIENTS (separated by commas or blanks), else of the first rule of the nearest
// .sops.yaml above `file` whose path_regex matches. kInvalid: a recipient that is none; nobody
// named; a .sops.yaml that asks for key services.
Result<secrets::SopsStanza> find_recipients(const Arguments& arguments, const std::string& file);
// Those of --recipient alone; nullopt-like: no groups.
Result<secrets::SopsStanza> given_recipients(const Arguments& arguments);

}  // namespace weir::app
