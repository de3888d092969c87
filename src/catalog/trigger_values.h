// Checks of single values of a trigger. Messages name members, never their values. Private to this
// folder.
#pragma once

#include <string_view>

#include "catalog/node.h"
#include "catalog/spec.h"
#include "catalog/trigger_names.h"

namespace weir::catalog {

void check_url(const Node& node, Problems& problems);
// `name` as written; a name that cannot be one is not quoted, for it may be a value.
void check_header_name(std::string_view name, const Node& node, Problems& problems);
// A header's value, or a secret's: references, and for headers no line breaks.
enum class SecretPlace { kHeader, kSecret };
void check_secret_value(SecretPlace place, std::string_view name, const Node& node,
                        Problems& problems);

// W101 … W109, of one trigger whose values are in order. `written` says which members the user
// wrote.
struct WrittenMembers {
  bool on_exhausted = false;
  bool delivery = false;
  bool interval = false;  // its own or the block's
  bool merge_pending = false;
  bool sealed = false;  // values of headers and secrets may be encrypted
};
struct TriggerNodes {
  const Node* url = nullptr;
  std::vector<std::pair<std::string, Node>> headers;
  std::vector<std::pair<std::string, Node>> secrets;
};
void warn_of_trigger(const Trigger& trigger, const WrittenMembers& written,
                     const TriggerNodes& nodes, Problems& problems);

}  // namespace weir::catalog
