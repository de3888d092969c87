// A trigger as `weir triggers new` writes it: what the user said, with credentials turned into
// references, and the block of the catalog that comes of it.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/command.h"
#include "base/result.h"
#include "base/secret.h"
#include "json/value.h"

namespace weir::app {

// Bodies to begin with; the user changes them in the catalog.
struct PayloadTemplate {
  std::string_view name;   // "slack"
  std::string_view about;  // one line
  std::string_view text;   // Handlebars, with a line end
  std::string_view host;   // receivers whose host ends in this get it by themselves; may be empty
};
std::span<const PayloadTemplate> payload_templates();
const PayloadTemplate* find_payload_template(std::string_view name);
// "json|slack|…": the choices of the option.
std::string_view payload_template_names();

// What the user said, before it is judged.
struct WebhookWish {
  std::string name;
  Secret url;
  std::vector<std::pair<std::string, Secret>> headers;        // credentials, unless they are known
                                                              // not to be
  std::vector<std::pair<std::string, Secret>> plain_headers;  // to be written as they are
  std::string body = "json";                                  // of payload_templates()
  std::string delivery = "background";
  std::string interval = "1m";
};

struct NewTrigger {
  json::Tree item;  // the object of the list `config`
  // References that were written instead of credentials: the variable, and what it has to hold.
  std::map<std::string, Secret> variables;
};

// kInvalid: a member that cannot be, said without quoting a credential.
Result<NewTrigger> new_trigger(const WebhookWish& wish);

// For the questions: a name that says where requests go and is not taken yet, and the body for a
// receiver there.
std::string propose_name(std::string_view url, const std::set<std::string>& taken);
std::string propose_body(std::string_view url);

// NAME=VALUE or NAME: VALUE, as headers are given. kInvalid quotes no value.
Result<std::pair<std::string, Secret>> read_header(const std::string& text);

inline constexpr std::string_view kTriggerKinds = "webhook";
const Command& triggers_new_command();  // its row of the table

}  // namespace weir::app
