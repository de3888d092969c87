#include "secrets/draft_fields.h"

#include <algorithm>
#include <vector>

#include "json/events.h"
#include "secrets/name_order.h"

namespace weir::secrets {
namespace {

constexpr std::string_view kExcluded[] = {
    "payloadTemplate", "timeout",  "maxAttempts",  "interval", "name",  "enabled",  "delivery",
    "onExhausted",     "debounce", "mergePending", "when",     "retry", "statuses", "expect"};
constexpr std::size_t kPlaceholders = 3;

// What stands for the placeholders, and what they are where nothing is written.
json::Value placeholder(std::size_t index) {
  constexpr std::string_view kTexts[] = {"", "0s"};
  return index < 2 ? json::Value::string(kTexts[index]) : json::Value::number("0");
}
json::Value default_of(std::size_t index) {
  constexpr std::string_view kTexts[] = {"", "30s"};
  return index < 2 ? json::Value::string(kTexts[index]) : json::Value::number("3");
}

bool is_excluded(std::string_view name) {
  return std::find(std::begin(kExcluded), std::end(kExcluded), name) != std::end(kExcluded);
}

using Members = std::vector<json::Member>;

json::Value object_of(Members members, json::Arena& arena) {
  std::sort(members.begin(), members.end(),
            [](const json::Member& a, const json::Member& b) { return a.name < b.name; });
  auto* copy = arena.array<json::Member>(members.size());
  std::copy(members.begin(), members.end(), copy);
  return json::Value::object({copy, members.size()});
}

json::Value array_of(const std::vector<json::Value>& items, json::Arena& arena) {
  auto* copy = arena.array<json::Value>(items.size());
  std::copy(items.begin(), items.end(), copy);
  return json::Value::array({copy, items.size()});
}

json::Value stripped_trigger(const json::Value& trigger, json::Arena& arena) {
  Members members;
  for (const json::Member& member : trigger.members()) {
    const bool empty =
        member.value.is_null() || (member.value.is_object() && member.value.size() == 0);
    if (is_excluded(member.name) || empty) continue;
    members.push_back({member.name, in_name_order(member.value, arena), member.place});
  }
  const json::Value* method = trigger.find("method");
  if (method == nullptr || method->is_null()) {
    members.push_back({"method", json::Value::string("POST"), {}});
  }
  for (std::size_t i = 0; i < kPlaceholders; ++i) {
    members.push_back({kExcluded[i], placeholder(i), {}});
  }
  json::Value out = object_of(std::move(members), arena);
  out.set_place(trigger.place());
  return out;
}

const json::Value* config_of(const json::Value& triggers) {
  const json::Value* config = triggers.find("config");
  if (config == nullptr || !config->is_array()) return nullptr;
  for (const json::Value& item : config->items()) {
    if (!item.is_object()) return nullptr;
  }
  return config;
}

json::Value originals_of(const json::Value& trigger, json::Arena& arena) {
  Members members;
  for (std::size_t i = 0; i < std::size(kExcluded); ++i) {
    const json::Value* value = trigger.find(kExcluded[i]);
    if (value != nullptr && !value->is_null()) {
      members.push_back({kExcluded[i], *value, {}});
    } else if (i < kPlaceholders) {
      members.push_back({kExcluded[i], default_of(i), {}});
    }
  }
  return object_of(std::move(members), arena);
}

json::Value restored_trigger(const json::Value& trigger, const json::Value* originals,
                             json::Arena& arena) {
  if (originals == nullptr) return trigger;
  Members members;
  for (const json::Member& member : trigger.members()) {
    if (!is_excluded(member.name)) members.push_back(member);
  }
  for (const json::Member& member : originals->members()) {
    if (is_excluded(member.name)) members.push_back(member);
  }
  return object_of(std::move(members), arena);
}

}  // namespace

std::span<const std::string_view> excluded_trigger_fields() {
  return kExcluded;
}

Result<json::Value> strip_trigger_fields(const json::Value& triggers, json::Arena& arena) {
  const json::Value* config = config_of(triggers);
  if (config == nullptr) {
    return error(Code::kInvalid, "`triggers` must be an object with a list `config` of objects");
  }
  std::vector<json::Value> items;
  for (const json::Value& item : config->items()) items.push_back(stripped_trigger(item, arena));
  json::Value list = array_of(items, arena);
  list.set_place(config->place());
  Members members;
  for (const json::Member& member : triggers.members()) {
    if (member.name == "interval") continue;
    members.push_back({member.name,
                       member.name == "config" ? list : in_name_order(member.value, arena),
                       member.place});
  }
  json::Value out = object_of(std::move(members), arena);
  out.set_place(triggers.place());
  return out;
}

Result<StrippedTriggers> strip_trigger_hmac_excluded_fields(std::string_view triggers) {
  json::Arena arena;
  const auto root = json::parse_text(triggers, arena);
  if (!root) return error(Code::kInvalid, "invalid triggers JSON: {}", root.error().message);
  const auto stripped = strip_trigger_fields(*root, arena);
  if (!stripped)
    return error(Code::kInvalid, "invalid triggers JSON: {}", stripped.error().message);
  std::vector<json::Value> originals;
  for (const json::Value& item : root->find("config")->items()) {
    originals.push_back(originals_of(item, arena));
  }
  // The block's own interval rides behind the triggers' entries.
  if (const json::Value* interval = root->find("interval"); interval != nullptr) {
    const Members block{{"blockInterval", *interval, {}}};
    originals.push_back(object_of(block, arena));
  }
  return StrippedTriggers{json::to_text(*stripped), json::to_text(array_of(originals, arena))};
}

Result<std::string> restore_trigger_hmac_excluded_fields(std::string_view encrypted,
                                                         std::string_view originals) {
  json::Arena arena;
  const auto root = json::parse_text(encrypted, arena);
  if (!root) return error(Code::kInvalid, "invalid encrypted JSON: {}", root.error().message);
  const json::Value* config = config_of(*root);
  if (config == nullptr) {
    return error(Code::kInvalid,
                 "invalid encrypted JSON: it must be an object with a list `config`");
  }
  const auto list = json::parse_text(originals, arena);
  if (!list) return error(Code::kInvalid, "invalid originals: {}", list.error().message);
  if (!list->is_array()) return error(Code::kInvalid, "invalid originals: they must be a list");
  std::vector<json::Value> items;
  const json::Value* interval = nullptr;
  for (std::size_t i = 0; i < config->items().size(); ++i) {
    const json::Value* entry = i < list->items().size() ? &list->items()[i] : nullptr;
    if (entry != nullptr && !entry->is_object()) {
      return error(Code::kInvalid, "invalid originals: entry {} is no object", i);
    }
    items.push_back(restored_trigger(config->items()[i], entry, arena));
  }
  for (const json::Value& entry : list->items()) {
    if (const json::Value* found = entry.find("blockInterval")) interval = found;
  }
  Members members;
  for (const json::Member& member : root->members()) {
    if (member.name == "interval" && interval != nullptr) continue;
    members.push_back({member.name, member.name == "config" ? array_of(items, arena) : member.value,
                       member.place});
  }
  if (interval != nullptr) members.push_back({"interval", *interval, {}});
  return json::to_text(object_of(std::move(members), arena));
}

}  // namespace weir::secrets
