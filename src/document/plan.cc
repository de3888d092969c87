#include "document/plan.h"

#include <algorithm>

namespace weir::document {
namespace {

using json::Member;
using json::Value;

const StaticReductions::Member* find_member(const StaticReductions::Object& object,
                                            std::string_view name) {
  const auto found = std::find_if(object.members.begin(), object.members.end(),
                                  [&](const auto& member) { return member.name == name; });
  return found == object.members.end() ? nullptr : &*found;
}

Value merge_objects(json::Arena& arena, const StaticReductions& program, std::size_t number,
                    const Value& left, const Value& right) {
  const StaticReductions::Object& object = program.objects[number];
  Member* members = arena.array<Member>(left.size() + right.size());
  std::size_t count = 0;
  for (const Member& member : left.members()) {
    Member merged = member;
    const Value* other = right.find(member.name);
    const StaticReductions::Member* rule = find_member(object, member.name);
    if (other != nullptr && rule != nullptr && !rule->op) {
      merged.value = merge_objects(arena, program, rule->merges, member.value, *other);
    } else if (other != nullptr && rule == nullptr) {
      merged.value = *other;
    }
    new (members + count++) Member(merged);
  }
  for (const Member& member : right.members()) {
    if (left.find(member.name) == nullptr) new (members + count++) Member(member);
  }
  return Value::object({members, count});
}

}  // namespace

Value merge_templates(json::Arena& arena, const StaticReductions& program, const Value& left,
                      const Value& right) {
  return merge_objects(arena, program, 0, left, right);
}

}  // namespace weir::document
