#include "trigger/terms.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/digest.h"
#include "base/text.h"
#include "delivery/identity.h"
#include "handlebars/template.h"
#include "json/events.h"

namespace weir::trigger {
namespace {

bool asks_for_counts(const catalog::Trigger& trigger) {
  const auto parsed = handlebars::Template::parse(trigger.payload_template);
  if (!parsed) return false;  // The catalog lets no such template through.
  constexpr std::string_view kCounts[] = {"tables",         "tables.*",       "tables.inserted",
                                          "tables.updated", "tables.deleted", "tables.unchanged"};
  const std::vector<std::string> paths = parsed->paths();
  return std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
    // A table taken by its place, as tables.0.inserted, counts like every table.
    if (path.rfind("tables.", 0) == 0 && path.size() > 7 && path[7] >= '0' && path[7] <= '9')
      return true;
    return path == "*" ||
           std::find(std::begin(kCounts), std::end(kCounts), path) != std::end(kCounts);
  });
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
  return fmt::format("{} {}", catalog::name_of(trigger.method),
                     io::origin_of(trigger.url.reveal()));
}

std::vector<delivery::TriggerTerms> terms_of(const catalog::BuiltMaterialization& built,
                                             const std::string& environment) {
  std::vector<delivery::TriggerTerms> out;
  std::map<std::pair<catalog::Method, std::string>, std::uint32_t> equal;
  for (const catalog::Trigger& trigger : built.triggers) {
    const std::string_view method = catalog::name_of(trigger.method);
    const std::string_view url = trigger.url.reveal();
    delivery::TriggerTerms terms;
    if (trigger.name.empty()) {
      const std::uint32_t k = ++equal[{trigger.method, hex_lower(sha256(url))}];
      terms.identity = delivery::trigger_identity_unnamed(method, url, k);
    } else {
      terms.identity = delivery::trigger_identity_named(trigger.name);
      terms.former_identity = delivery::trigger_identity_unnamed(method, url, 1);
    }
    terms.label = label_of(trigger);
    terms.enabled = trigger.enabled;
    terms.inline_delivery = trigger.delivery == catalog::DeliveryMode::kInline;
    terms.merge_pending = trigger.merge_pending;
    terms.interval = trigger.interval;
    terms.words = revision_of(trigger, built, environment);
    // Names of headers count as an edit, their values do not: no trace of a secret in the store.
    for (const auto& [name, value] : trigger.headers) terms.words += "," + name;
    out.push_back(std::move(terms));
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
