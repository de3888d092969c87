#include "trigger/terms.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/digest.h"
#include "base/planted.h"
#include "base/text.h"
#include "catalog/trigger_context.h"
#include "delivery/identity.h"
#include "handlebars/template.h"
#include "json/events.h"

namespace weir::trigger {
namespace {

// What the catalog lets through is what an entry can carry.
static_assert(catalog::kTriggersTimesBindingsMax == delivery::kTriggerBindingsMax);

// Does what this renders depend on the counts? Paths cannot tell a loop over the tables from tables
// that are printed whole.
bool counts_show(const handlebars::Template& parsed, const catalog::Trigger& trigger) {
  catalog::TriggerFacts facts = catalog::sample_facts(catalog::Sample::kTwoTables, "m", "t");
  std::string rendered[2];
  for (std::string& out : rendered) {
    json::Arena arena;
    auto text = handlebars::render(
        parsed, catalog::make_context(facts, trigger.headers, trigger.secrets, arena));
    if (!text) return true;
    out = *std::move(text);
    for (catalog::TriggerTable& table : facts.tables) {
      table.inserted = table.updated = table.deleted = table.unchanged = std::nullopt;
    }
  }
  const bool differ = rendered[0] != rendered[1];
  for (std::string& out : rendered) wipe(out);
  return differ;
}

bool asks_for_counts(const catalog::Trigger& trigger) {
  const auto parsed = handlebars::Template::parse(trigger.payload_template);
  if (!parsed) return false;  // The catalog lets no such template through.
  constexpr std::string_view kCounts[] = {"inserted", "updated", "deleted", "unchanged"};
  const std::vector<std::string> paths = parsed->paths();
  const bool named = std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
    const std::string_view last = std::string_view(path).substr(path.rfind('.') + 1);
    return last == "*" ||
           (path.rfind("tables.", 0) == 0 &&
            std::find(std::begin(kCounts), std::end(kCounts), last) != std::end(kCounts));
  });
  return named || counts_show(*parsed, trigger);
}

std::uint64_t background_attempts(const catalog::Trigger& trigger) {
  return trigger.max_attempts_written ? std::max<std::uint32_t>(1, trigger.max_attempts) : 0;
}

}  // namespace

std::string connector_image_of(const protocol::MaterializationSpec& spec) {
  if (spec.endpoint != protocol::EndpointKind::kConnector) return "";
  const auto config = json::parse_tree(spec.config_json);
  if (!config) return "";
  const json::Value* image = config->root.find("image");
  return image != nullptr && image->is_string() ? std::string(image->as_string()) : "";
}

std::string_view endpoint_name(protocol::EndpointKind kind) {
  switch (kind) {
    case protocol::EndpointKind::kSqlite: return "sqlite";
    case protocol::EndpointKind::kPostgres: return "postgres";
    case protocol::EndpointKind::kLocal: return "local";
    case protocol::EndpointKind::kConnector: return "connector";
  }
  return "?";
}

std::string label_of(const catalog::Trigger& trigger) {
  if (!trigger.name.empty()) return trigger.name;
  const std::string_view url = trigger.url.reveal();
  // A reference is no secret; what it stands for is.
  const std::string_view reference =
      url.substr(0, 2) == "${" ? url.substr(0, url.find('}') + 1) : std::string_view();
  return fmt::format("{} {}", catalog::name_of(trigger.method),
                     reference.empty() ? io::origin_of(url) : std::string(reference));
}

namespace {

using Address = std::pair<catalog::Method, std::string>;

Address address_of(const catalog::Trigger& trigger) {
  return {trigger.method, hex_lower(sha256(trigger.url.reveal()))};
}

// The references of a text as they are written. What they stand for is not known here, and what
// stands beside them can be a secret.
std::string references_of(std::string_view text) {
  std::string out;
  for (std::size_t at = text.find("${"); at != std::string_view::npos; at = text.find("${", at)) {
    const bool escaped = at > 0 && text[at - 1] == '$';
    const std::size_t end = text.find('}', at);
    if (!escaped && end != std::string_view::npos) out += text.substr(at, end + 1 - at);
    at += 2;
  }
  return out;
}

// What an edit may have changed in order to get a parked request through. It rests in the state, so
// nothing in it comes from the value of a header or secret: even a digest of a short one could be
// guessed.
std::string words_of(const catalog::Trigger& trigger, const std::string& revision) {
  const std::string numbers = fmt::format(
      "{} {} {} {} {}", trigger.timeout.count(), trigger.max_attempts, trigger.max_attempts_written,
      static_cast<int>(trigger.delivery), static_cast<int>(trigger.on_exhausted));
  std::vector<std::string> parts = {revision, numbers};
  for (const auto* texts : {&trigger.headers, &trigger.secrets}) {
    parts.emplace_back("texts");
    for (const auto& [name, value] : *texts) {
      parts.push_back(name);
      parts.push_back(references_of(value.reveal()));
    }
  }
  return delivery::words_digest({parts.begin(), parts.end()});
}

}  // namespace

std::vector<delivery::TriggerTerms> terms_of(const catalog::BuiltMaterialization& built,
                                             const std::string& environment) {
  std::vector<delivery::TriggerTerms> out;
  std::map<Address, std::uint32_t> equal;
  for (const catalog::Trigger& trigger : built.triggers) {
    delivery::TriggerTerms terms;
    if (planted(Bug::kNameByContent)) {
      terms.identity = delivery::trigger_identity_named(fmt::format("{}", out.size()));
    } else if (trigger.name.empty()) {
      terms.identity = delivery::trigger_identity_unnamed(
          catalog::name_of(trigger.method), trigger.url.reveal(), ++equal[address_of(trigger)]);
    } else {
      terms.identity = delivery::trigger_identity_named(trigger.name);
    }
    terms.label = label_of(trigger);
    terms.enabled = trigger.enabled;
    terms.inline_delivery = trigger.delivery == catalog::DeliveryMode::kInline;
    terms.merge_pending = trigger.merge_pending;
    terms.interval = trigger.interval;
    terms.words = words_of(trigger, revision_of(trigger, built, environment));
    out.push_back(std::move(terms));
  }
  // Named ones follow the unnamed ones of the same address: what they were before they had a name
  // is an identity that nobody else has.
  for (std::size_t i = 0; i < out.size(); ++i) {
    const catalog::Trigger& trigger = built.triggers[i];
    if (trigger.name.empty()) continue;
    out[i].former_identity = delivery::trigger_identity_unnamed(
        catalog::name_of(trigger.method), trigger.url.reveal(), ++equal[address_of(trigger)]);
  }
  return out;
}

delivery::RetryPolicy retry_of(const catalog::Trigger& trigger) {
  delivery::RetryPolicy policy;
  if (trigger.delivery == catalog::DeliveryMode::kInline) {
    policy.attempts_max = std::max<std::uint32_t>(1, trigger.max_attempts);
    return policy;
  }
  policy.attempts_max = static_cast<std::uint32_t>(background_attempts(trigger));
  if (!trigger.max_attempts_written) policy.give_up_after = kGiveUpAfter;
  policy.max_delay = kBackgroundDelayMax;
  policy.jitter = true;
  return policy;
}

std::string revision_of(const catalog::Trigger& trigger, const catalog::BuiltMaterialization& built,
                        const std::string& environment) {
  const std::string image = connector_image_of(built.spec);
  return delivery::revision({.payload_template = trigger.payload_template,
                             .method = catalog::name_of(trigger.method),
                             .url_template = trigger.url.reveal(),
                             .connector_image = image,
                             .endpoint = endpoint_name(built.spec.endpoint),
                             .environment = environment});
}

std::vector<bool> counted_bindings(const catalog::BuiltMaterialization& built) {
  const bool any = std::any_of(
      built.triggers.begin(), built.triggers.end(),
      [](const catalog::Trigger& trigger) { return trigger.enabled && asks_for_counts(trigger); });
  return std::vector<bool>(built.spec.bindings.size(), any);
}

}  // namespace weir::trigger
