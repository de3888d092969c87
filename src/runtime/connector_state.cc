#include "runtime/connector_state.h"

#include "json/events.h"

namespace weir::runtime {
namespace {

json::Value object_of(json::Arena& arena, const std::vector<json::Member>& members) {
  json::Member* copy = arena.array<json::Member>(members.size());
  std::uninitialized_copy(members.begin(), members.end(), copy);
  return json::Value::object({copy, members.size()});
}

// RFC 7396. Recursion is bounded by the parser's depth.
json::Value merge(json::Arena& arena, const json::Value* target, const json::Value& patch) {
  if (!patch.is_object()) return patch;
  std::vector<json::Member> members;
  if (target != nullptr && target->is_object()) {
    for (const json::Member& member : target->members()) {
      if (patch.find(member.name) == nullptr) members.push_back(member);
    }
  }
  for (const json::Member& member : patch.members()) {
    if (member.value.is_null()) continue;
    const json::Value* before = target == nullptr ? nullptr : target->find(member.name);
    members.push_back({member.name, merge(arena, before, member.value), {}});
  }
  return object_of(arena, members);
}

}  // namespace

Result<std::string> merge_patch(std::string_view target_json, std::string_view patch_json) {
  json::Arena arena;
  WEIR_TRY(const json::Value target,
           json::parse_text(target_json, arena, json::Duplicates::kLastWins));
  WEIR_TRY(const json::Value patch,
           json::parse_text(patch_json, arena, json::Duplicates::kLastWins));
  return json::to_text(merge(arena, &target, patch));
}

Status ConnectorState::update(const std::optional<connector::StateUpdate>& update) {
  if (!update) return {};
  if (update->merge_patch) {
    WEIR_TRY(json_, merge_patch(json_, update->updated_json));
  } else {
    json_ = update->updated_json;
  }
  if (json_.size() > kConnectorStateBytesMax) {
    return error(Code::kLimit, "the connector's state is larger than {} MiB",
                 kConnectorStateBytesMax >> 20);
  }
  changed_ = true;
  return {};
}

}  // namespace weir::runtime
